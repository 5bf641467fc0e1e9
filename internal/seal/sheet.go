package seal

import (
	"fmt"
	"strings"
	"time"

	"filippo.io/age"

	"serai/internal/fact"
)

// Sheet is what a recovery sheet says. It is printed once, on paper; the identity is kept nowhere else.
type Sheet struct {
	Node     fact.NodeID
	Label    string // how the office calls the node
	Made     time.Time
	Identity *age.X25519Identity
}

const sheetEnglish = `SERAI - RECOVERY SHEET

Node        %s  %s
Made on     %s
Public key  %s

RECOVERY KEY
%s

Whoever holds this page can open the node and its backups.
1. Print it twice. Keep the two copies in two places, away from the machine,
   in sealed envelopes. Do not photograph it, send it or store it in a file.
2. When nobody knows the passphrase: type the recovery key on the unlock page.
3. When the machine is lost: on a new machine, restore the newest backup with
   the recovery key and the newest copy of the file "erasures".
4. Rehearse a restore now, while nothing is wrong, and once a year.
5. When a copy is lost: print a new sheet, remove the old slot, make a new
   backup, and destroy the backups that the old key opens.
`

const sheetFrench = `SERAI - FICHE DE RÉCUPÉRATION

Nœud          %s  %s
Établie le    %s
Clé publique  %s

CLÉ DE RÉCUPÉRATION
%s

Qui possède cette page peut ouvrir le nœud et ses sauvegardes.
1. Imprimez-la deux fois. Gardez les deux exemplaires en deux lieux, loin de la
   machine, sous enveloppe scellée. Ne la photographiez pas, ne l'envoyez pas,
   ne l'enregistrez dans aucun fichier.
2. Si plus personne ne connaît la phrase de passe : saisissez la clé de
   récupération sur la page de déverrouillage.
3. Si la machine est perdue : sur une nouvelle machine, restaurez la sauvegarde
   la plus récente avec la clé de récupération et la copie la plus récente du
   fichier « erasures ».
4. Répétez une restauration maintenant, quand tout va bien, puis chaque année.
5. Si un exemplaire est perdu : imprimez une nouvelle fiche, retirez l'ancienne
   clé, faites une nouvelle sauvegarde et détruisez celles que l'ancienne ouvre.
`

// Text returns the sheet to print, at most 80 columns wide, in French for "fr" and in English otherwise. The key is on
// a line of its own, as ParseIdentity reads it.
func (s Sheet) Text(lang string) string {
	form := sheetEnglish
	if lang == "fr" || strings.HasPrefix(lang, "fr-") {
		form = sheetFrench
	}
	return fmt.Sprintf(form, s.Node, s.Label, s.Made.UTC().Format(time.DateOnly), s.Identity.Recipient(), s.Identity)
}

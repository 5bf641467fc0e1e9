package link

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func parse(s string) []Part { return Normalise(strings.Split(s, " ")) }

func TestSpellingsOfOneNameMeet(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		want float64 // at least
	}{
		{"the same letters are the same", "Amina Oumarou", "Amina Oumarou", 1},
		{"case and accents say nothing", "aïssata TRAORÉ", "Aissata Traore", 1},
		{"Hausa hooked letters are letters", "Ɗanladi Ɓala", "Danladi Bala", 0.98},
		{"French ou is u", "Moussa Abdou", "Musa Abdu", 0.9},
		{"French ch is sh", "Rachid Chaibou", "Rashid Shaibu", 0.9},
		{"French dj is j", "Djamila Djibo", "Jamila Jibo", 0.9},
		{"Hausa and French write one prophet", "Mahamadou Sani", "Muhammadu Sani", 0.95},
		{"Fulfulde shortens him", "Mamadou Bah", "Mohamed Bah", 0.95},
		{"Hausa says z where Arabic says dh", "Hadiza Musa", "Khadija Moussa", 0.9},
		{"Spanish h is silent", "Hernández Helena", "Ernandez Elena", 0.85},
		{"Spanish b and v are one", "Vásquez Evelin", "Basques Ebelin", 0.85},
		{"parts may be swapped", "Issa Mahamane", "Mahamane Issa", 0.95},
		{"a part may be missing from the query", "Issa Oumarou", "Issa Mahamane Oumarou", 0.9},
		{"the article comes and goes", "El Hadj Moussa", "Hadj Musa", 0.9},
		{"ould and mint come and go", "Sidi Ould Cheikh", "Sidi Cheikh", 0.98},
		{"the servant may be written in three words", "Abd el Kader Issa", "Abdoulkader Issa", 0.9},
		{"letters of the sun take the article", "Abderrahmane Saleh", "Abdul Rahman Saleh", 0.85},
		{"Arabic meets French", "محمد عثمان", "Mohamed Ousmane", 0.94},
		{"Arabic without short vowels meets Latin", "طارق منصور", "Tarek Mansour", 0.75},
		{"Arabic servants in one word and two", "عبد الرحمن", "عبدالرحمن", 0.98},
		{"Arabic servants meet Latin ones", "عبد القادر", "Abdelkader", 0.75},
		{"careless Arabic letters are the careful ones", "فاطمه احمد", "فاطمة أحمد", 0.94},
		{"Arabic vowel signs say nothing", "مُحَمَّد", "محمد", 1},
		{"Tigrinya meets Latin", "ተስፋይ ኪዳነ", "Tesfay Kidane", 0.94},
		{"Tigrinya meets what the table does not know", "ሰላም ግርማይ", "Selam Girmay", 0.75},
		{"Amharic homophones are one", "ዓለሙ ሠለሞን", "አለሙ ሰለሞን", 0.9},
		{"Gebre and Mariam are one name", "Gebre Mariam Haile", "Ghebremariam Hayle", 0.8},
		{"Somali letters are in the table", "Maxamed Cali", "Mohamed Ali", 0.94},
		{"one wrong consonant is close", "Mounkaila Garba", "Mounkaina Garba", 0.7},
		{"an initial is a little", "M Oumarou", "Moussa Oumarou", 0.6},
		{"Fulfulde and English write Diallo", "Mamadou Jallow", "Mamadou Diallo", 0.9},
		{"an h that nobody hears", "Rahim Yohannes", "Raim Yoannes", 0.65},
		{"what begins a compound is a name alone", "Haile Sium", "Sium Haile", 0.95},
		{"full width letters are letters", "Ａｌｉ", "Ali", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := parse(test.a), parse(test.b)
			if got := Score(a, b, nil); got < test.want {
				t.Errorf("%.3f, want at least %.2f\n%+v\n%+v", got, test.want, a, b)
			}
		})
	}
}

func TestDifferentNamesStayApart(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		most float64
	}{
		{"Ahmed is not Mohamed", "Ahmed", "Mohamed", 0.5},
		{"Hassan is not Hussein", "Hassan", "Hussein", 0.8},
		{"Amina is not Aminata's brother Amadou", "Amina", "Amadou", 0.3},
		{"one part of two is not enough", "Moussa Garba", "Moussa Diallo", 0.55},
		{"Issa is not Awa", "Issa", "Awa", 0.2},
		{"Mariam is at most close to Marta", "Mariam", "Marta", 0.55},
		{"nothing answers nothing", "", "Ali", 0},
		{"symbols are no name", "😀 🙂", "Ali", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Score(parse(test.a), parse(test.b), nil); got > test.most {
				t.Errorf("%.3f, want at most %.2f: %+v %+v", got, test.most, parse(test.a), parse(test.b))
			}
		})
	}
}

func TestNormaliseBoundsItsWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.String(), 0, 20).Draw(t, "parts")
		got := Normalise(parts)
		if len(got) > mostParts {
			t.Fatalf("%d parts", len(got))
		}
		for _, p := range got {
			if p.Norm == "" || p.Key == "" || strings.Trim(p.Norm, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Fatalf("%+v", p)
			}
		}
		if s := Score(got, got, nil); len(got) > 0 && len(got) <= 4 && s < 0.98 {
			t.Fatalf("a name answers itself with %.3f: %+v", s, got)
		}
	})
	if got := Normalise([]string{strings.Repeat("Moussa ", 5000)}); len(got) > mostParts {
		t.Errorf("%d parts", len(got))
	}
}

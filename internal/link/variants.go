package link

import "strings"

// variants are names that are one name and that no rule of sound joins: one line each, in any script. The first is how
// the line is called. Sources: the names of the prophets and companions in the languages of the Sahel, the Maghreb and
// the Horn, and the Biblical names in Spanish, French, English, Amharic and Tigrinya.
const variants = `
mohamed muhammad mohammed mohamad mahamad muhammadu mahamadou mahamadu mamadou mamadu mahamat mohamadou mouhamed mouhamadou mohamud maxamed mamodou mamoudou mahamadi محمد ሙሐመድ
ahmed ahmad ahmadou ahmadu amadou amadu ahmat axmed hamadou hamed hamad أحمد አሕመድ
mahmoud mahmud maxamuud mamoud mahamud mahmood محمود
abdullah abdallah abdoulaye abdullahi abdoulahi abdulai abdellah abdoullahi abdoulay abdulaye cabdullaahi abdela عبدالله ዓብደላ
ali aly aliou aliyu alioune aliyou aliw cali علي ዓሊ
omar umar oumar umaru oumarou umarou cumar عمر ዑመር
osman usman ousmane uthman uthmane othman usumane ousman cismaan عثمان ዑስማን
abubakar aboubacar aboubakar abubakr abubacar boubacar bubakar boukar boukary boukari abukar bakary ابوبكر
ibrahim ibrahima brahim ibrahem ebrahim ibraheem ibro iro ابراهيم ኢብራሂም
abraham abreham abrham abran አብርሃም
ismail ismael ismaila ismaaciil smail esmail اسماعيل ኢስማኢል
ishak ishaq issaka issiaka isaac isaka issakha ishaku isac اسحاق ይስሐቅ
yusuf youssouf youssef yousif issoufou issouf isufu yusufu yussuf yousuf joseph yosef yosief jose pepe josef يوسف ዮሴፍ
yakub yacouba yakubu yaqub yacoub yaqoob jacob jacobo yakob يعقوب ያዕቆብ
musa moussa mousa moses moises muse mussie muuse موسى ሙሴ
isa issa eissa ciise jesus eyasu iyasu عيسى ኢየሱስ
yahya yahaya yaya yehia yihya يحيى
zakaria zakariya zakari zakary zacarias zekarias zacharia زكريا ዘካርያስ
suleiman souleymane sulaiman sulayman soliman sulemanu saleebaan suleyman salomon solomon سليمان ሰሎሞን
daoud dawud dawit david dauda daouda daud داود ዳዊት
haroun harun haruna harouna aruna aaron هارون
idris idriss idrissa driss idrissou ادريس
ayub ayoub ayouba ayuba job أيوب
younous yunus younoussa inoussa inusa younes jonas يونس
nuh nouhou nuhu nouh noah noe نوح ኖህ
adam adamou adamu adem aden adan adoum آدم ኣዳም
ilyas elias ilias eliyas إلياس ኤልያስ
hassan hasan alhassane alassane lassana lassane hassane xasan assane حسن ሓሰን
hussein hussain housseini hussaini ousseini xuseen hocine housseyni husseyn alhousseini houssein حسين
khalid khaled khaalid halid kalidou خالد
salah saleh salih salissou salisu salou صالح
said saeed saidou saidu seydou seidou saiid siciid سعيد
jibril djibril gibril jibrilu jibrin djibrilla gabriel جبريل ገብርኤል
mikail mikailou michael miguel mikael michel ميكائيل ሚካኤል
mukhtar moctar moktar mokhtar mouctar mukhtaar مختار
mustafa moustapha mostafa mustapha mustefa moustafa مصطفى
lawal laouali lawali lawan laouan
bashir bachir bashiru bachirou bashiir بشير
tahir taher tahirou tahiru dahir attaher طاهر
yasin yassine yassin ياسين
sharif cherif sherif charif شريف
jamal djamel gamal jemal djamal jamaal جمال
jafar djafar gaafar jaafar جعفر
aisha aicha aissata aichatou aissatou aishatu asha caasha ayesha aysha aysatu assatou عائشة
fatima fatimata fatoumata fatma fatuma fatou fatimatou fadimata fadumo faduma fati fatimetou fatumata فاطمة ፋጡማ
khadija khadidja hadiza kadidia kadiatou kadijatou khadijatou hadija kadija khadijo hadizatou kadidiatou khadiatou خديجة
mariam maryam mariama maryama mariem meryem maria mary marie miriam maryan maram mariamu mairo مريم ማርያም
zainab zeinab zeinabou zeynab zainabu djenabou jenabou zenab seynab zaynab زينب
hawa hawwa haoua hauwa hawo xaawo eva heywan حواء ሄዋን
halima halimatou halimatu halimata halimo xaliimo حليمة
amina aminatou aminata aminatu emina أمينة آمنة
sara sarah saratou sarata سارة ሳራ
hajara hadjara hagar agar hajar هاجر
rahma rahmatou ramatou ramata ramatoulaye رحمة ራሕማ
maimuna maimouna maymuna maimounata ميمونة
hafsa hafsatou habsatou hafsatu habsa حفصة
ruqaya rukia rokia rakia rokiatou ruqiya رقية
oumou oum umm oummou umu
zahra zara sahra zahara زهراء
yohannes johannes johanes yohanes john juan jean yahannes joao jhon yon ivan يوحنا ዮሐንስ ዮሃንስ
petros peter pedro pierre pietro botros butros بطرس ጴጥሮስ
paulos paul pablo pawlos paulo bulos بولس ጳውሎስ
giorgis giorghis george jorge georges gorgis kiflegiorgis جورج ጊዮርጊስ
markos marcos marc mark ماركوس ማርቆስ
mateos matewos mateo mathieu matthew matheus متى ማቴዎስ
lukas lucas luc luke lukos لوقا ሉቃስ
tomas thomas توماس ቶማስ
stefanos estifanos esteban stephane stephen estefan ስጢፋኖስ እስጢፋኖስ
samuel samuil samueil صموئيل ሳሙኤል
daniel danail danyal دانيال ዳንኤል
amanuel emanuel emmanuel manuel عمانوئيل ኣማኑኤል አማኑኤል
gebre ghebre gabra gebri ገብረ
haile hayle hailu haylu ሃይለ ኃይለ
berhane birhane brhane berhan berhanu ብርሃነ ብርሃን
tesfay tesfaye tesfai tasfay ተስፋይ ተስፋዬ
kidane kidan kidanu ኪዳነ ኪዳን
jhonatan jonathan yonatan jonatan yonathan ዮናታን
brayan bryan braian brian
yesenia jesenia yessenia llesenia
yeison jason jeison yeyson
yeferson jefferson jeferson yefferson
wilmer vilmer guilmer
esperanza speranza
ximena jimena gimena
xavier javier
elizabeth elisabeth isabel elsabet elisabet ኤልሳቤጥ
`

// groups gives the number of the line in which a squeezed part stands. Where two lines claim one form the first has it.
var groups = func() map[string]int {
	out := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(variants), "\n") {
		for _, name := range strings.Fields(line) {
			var text string
			for _, w := range wordsOf(name) {
				text += w.text
			}
			form := squeeze(text)
			if _, taken := out[form]; !taken && form != "" {
				out[form] = i + 1
			}
		}
	}
	return out
}()

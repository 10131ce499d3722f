"""Words by which clinics name columns, in English, German, Dutch, Spanish, French, some Italian.

All are lower case and without accents, as `names.plain` writes them.
"""

from __future__ import annotations

CLIENT = set(
    "client clients klient klientin klienten patient patienten patientin pat pid person persona "
    "participant proband probandin vp subject subj cliente paciente deelnemer case fall record "
    "vpn vpnr pt pts ptid kl kennung tn tnr teilnehmer teilnehmerin versuchsperson klnr "
    "patnr idnr rownames pp ppnr "
    "respondent kunde klant clientid patientid klientid personid caseid subjectid pathway "
    "patiente usager beneficiaire dossier paziente pazienti utente".split()
)
THERAPIST = set(
    "therapist therapeut therapeutin therapeuten terapeuta terapeut behandelaar behandler "
    "bezugstherapeut bezugstherapeutin behandlare "
    "behandlerin counsellor counselor clinician practitioner psychologist psycholoog psicologo "
    "therap ther th thid thnr thernr behnr therapistid provider "
    "clinicianid carer professional hulpverlener therapeute psychologue clinicien praticien "
    "intervenant staff worker prof psicologa psychologin psychologe psychotherapeut "
    "psychotherapeutin psychotherapeute psicoterapeuta psychotherapist".split()
)
# Words that may stand beside those above in the name of an id.
ID = set(
    "id ids code kode codigo nr no n num number nummer numero key pseudonym chiffre identifier uid "
    "local care the der of de la del du des le d ref reference in innen identifiant numer "
    "codice".split()
)
SESSION = set(
    "session sessions sess sitzung sitzungen sitzungsnummer sitzungsnr sitznr stunde sessie "
    "zitting sesion sesiones visit visite besuch termin contact kontakt afspraak cita encounter "
    "sessionno sessionnr sessionnumber appointment s sitz seance seances "
    "seduta sedute rendez rdv".split()
)
OCCASION = set(
    "w t time timepoint tp zeit zeitpunkt messzeitpunkt mzp messung occasion assessment wave welle "
    "meting tijdstip momento medicion evaluacion event phase instance m measurement v".split()
)
WEEK = set("week weeks woche wochen wk semana weken kw semaine semaines vecka veckor".split())
MONTH = set("month months monat monate maand mes meses mon mois".split())
DAY = set("day days tag tage dag dagen dia".split())
DATE = set("date datum fecha dates day tag dag timestamp jour data giorno".split())
ITEM = set("i item items q question frage vraag pregunta it itm f nr".split())
TOTAL = set(
    "total totalscore sum score summe gesamt gesamtwert summenwert ges tot totaal suma puntuacion "
    "puntaje wert sumscore somscore raw sc scr somme "
    "totaalscore gesamtscore punteggio totale".split()
)
MEAN = set("mean mittelwert mw average gemiddelde media promedio avg".split())
# The words for a measurement occasion, by the order in which they follow one another.
OCCASION_WORDS = {
    0: set(
        "pre prae pra first baseline bl base intake screening aufnahme erst erste erstes eingang "
        "beginn anfang start begin voor vorher antes inicio inicial admission prepost eerste "
        "primera primero vortest pretest initial aanvang opname avant debut premier "
        "premiere".split()
    ),
    1: set("mid middle mitte verlauf zwischen tussen medio intermedio during halfway".split()),
    2: set(
        "post last end ende final ausgang entlassung letzt letzte letztes nachher na despues fin "
        "discharge nachtest posttest laatste ultima ultimo termination abschluss einde "
        "alta recent latest current apres dernier derniere sortie".split()
    ),
    3: set("fu followup follow suivi katamnese kat seguimiento nameting vervolg".split()),
}
RATER = {
    "client": set(
        "c cl client klient k patient pat p self selbst zelf paciente cliente cr patiente".split()
    ),
    "therapist": set(
        "t th ther therapist therapeut therapeutin terapeuta behandelaar tr therapeute".split()
    ),
    "observer": set(
        "o obs observer beobachter beobachtet extern rater observed observador observator "
        "beoordelaar expert coder waargenomen geobserveerd observe".split()
    ),
}
YES = set("yes y ja j si true wahr 1 x oui waar".split())
NO = set("no n nein nee false falsch 0 non onwaar".split())
MISSING_TEXTS = {
    "na", "n/a", "nan", "null", "none", ".", "-", "--", "?", "missing", "fehlend", "fehlt", "k.a.",
    "k. a.", "ka", "keine angabe", "unknown value", "ontbreekt", "ontbrekend", "nvt",
    "n.v.t.", "no aplica", "perdido", "falta", "ns/nc", "n.a.", "#n/a", "#null!", "ni", "unk",
    "not answered", "no answer", "nicht beantwortet", "x",
}  # fmt: skip
MISSING_NUMBERS = (-9, -8, -7, -1, -88, -99, -77, -999, -9999, 9, 8, 77, 88, 99, 999, 9999)
ENDINGS = {
    "completed": set(
        "completed complete completer regular regulaer regular regulier voltooid planned finished "
        "completado finalizado beendet abgeschlossen afgerond afgesloten alta einvernehmlich "
        "planmaessig planmasig planmassig gepland agreed mutual terminado acordado volgens "
        "termine terminee acheve convenue accord convenida concluso conclusa completato terminata "
        "complet convenu".split()
    ),
    "dropped_out": set(
        "dropout dropped drop abgebrochen abbruch abbrecher abbrecherin unplanned ungeplant "
        "abandono abandonado abandon gestopt uitval afgebroken disengaged vroegtijdig withdrew "
        "discontinued voortijdig abbandono vorzeitig nonattendance quit ongepland stopped "
        "abandonne abandonnee abandonada interrompu interrompue interrotto "
        "interruption".split()
    ),
    "referred": set(
        "referred referral uberwiesen ueberwiesen uberweisung verwezen doorverwezen derivado "
        "weitervermittelt transferred stepped weiterverwiesen verlegt doorverwijzing "
        "oriente orientee transfere adresse reoriente reorientee derivada derivacion inviato "
        "inviata".split()
    ),
    "ongoing": set(
        "ongoing still open laufend lauft laeuft lopend nog curso continua active aktiv current "
        "continuing andauernd progress cours corso weiterlaufend".split()
    ),
    "other": set("other sonstiges sonstige anders otro otra overig moved umzug died verstorben "
                 "verhuisd verzogen deceased mudanza fallecido andere overleden "
                 "demenagement demenage decede autre".split()),
    "unknown": set("unknown unbekannt unklar onbekend desconocido unclear inconnu".split()),
}  # fmt: skip
APPOINTMENT = {
    "attended": set("attended attend came showed arrived da erschienen anwesend verschenen asistio "
                    "wahrgenommen aanwezig gekommen seen present presente presents venu venue "
                    "honore asistida".split()),
    "missed": set("missed dna noshow nonshow show versaumt versaeumt nicht gemist falto unexcused "
                  "nietverschenen ausgefallen manque absent absente abwesend afwezig ausente "
                  "assente faltado unentschuldigt gefehlt fehlte "
                  "afwezigheid".split()),
    "cancelled": set("cancelled canceled abgesagt afgezegd cancelado cancelo absage afgemeld "
                     "storniert annule annulee entschuldigt excuse excusee cancelada "
                     "justificada afbericht".split()),
    "unknown": set("unknown unbekannt onbekend desconocido inconnu".split()),
}  # fmt: skip
ENDING_NAMES = set(
    "ending ende end outcome ended abschluss beendigung afsluiting einde fin alta discharge "
    "endcode "
    "closure status termination dropout abbruch beendet therapieende verlauf completion reason "
    "completer terapieende end afronding finalizacion abschlussart endstatus uitkomst completed "
    "completedtreatment issue cloture".split()
)
GENDER = set("gender sex geschlecht geslacht genero sexo geschl sexe genre sesso".split())
AGE = set("age alter leeftijd edad agey alterjahre eta".split())
QUASI = GENDER | AGE | set(
    "ethnicity ethnic ethnie herkunft etnia etniciteit afkomst religion konfession religie "
    "migration "
    "nationality nationalitat nationaliteit nacionalidad orientation occupation beruf beroep "
    "profesion ocupacion education bildung opleiding educacion schulabschluss marital "
    "familienstand "
    "partner birth birthyear geburtsjahr geboortejaar yearofbirth jahrgang "
    "civil employment beschaftigung region site plz3".split()
)  # fmt: skip
DELIVERED = set(
    "given delivered received provided got gave erhalten bekommen gegeben gekregen ontvangen "
    "recibido dado waargenomen recu observe observed actual experienced erlebt beobachtet "
    "ist".split()
)
# Words that tell which dimension of the C-NIP a rating is about (by the pole named).
DIMENSIONS = {
    "TD_CD": set("directive directiveness directiv direktiv direktivitat directief directivite "
        "directividad "
                 "directivo dir structure td cd tdcd lenkung".split()),
    "EI_ER": set("emotional emotion emotions emotioneel emotionele emotionnel intense intensity "
        "emotionale emotionaliteit "
                 "intensiteit intensitat emocional intensidad ei er eier emotionalitat".split()),
    "PO_PR": set("past present vergangenheit gegenwart verleden heden passe pasado presente po "
        "pr popr "
                 "pastpresent vergangen".split()),
    "WS_FC": set("warm support warmth challenge unterstutzung unterstuetzung warme waerme warmte "
                 "steun uitdaging apoyo calidez desafio ws fc wsfc konfrontation".split()),
}  # fmt: skip
ACCOMMODATION = set(
    "accommodation accommodated accommodate wishes wish wunsche wuensche wunsch wensen preferences "
    "wunscherfullung match matched passung deseos preferencias acomodacion".split()
)
# The items of visual analogue forms that have names rather than numbers: their sum is all that is
# formed of them, so their order decides nothing.
ITEM_WORDS = {
    "ors": {
        1: set("individual individually individuell individueel ind persoonlijk".split()),
        2: set("interpersonal interpersonally zwischenmenschlich interpersoonlijk int close "
               "family nahe relaciones".split()),
        3: set("social socially sozial sociaal soc".split()),
        4: set("overall insgesamt allgemein algemeen global ove general".split()),
    },
    "srs": {
        1: set("relationship beziehung relatie relacion rel".split()),
        2: set("goals goal topics ziele doelen metas".split()),
        3: set("approach method methode ansatz aanpak metodo enfoque app".split()),
        4: set("overall insgesamt allgemein algemeen global ove general".split()),
    },
}  # fmt: skip

"""Titles, descriptions and names of values of the schemas of actions and triggers, and what functions do, in Italian, by the English ones.

Of a description what comes before its `Example:` is translated.
"""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, str]] = {
    # kinds of steps
    "Branch": "Diramazione",
    "Leave by the first case whose expression is true, else by `else`.": (
        "Esce dal primo caso la cui espressione è vera, altrimenti da `else`."
    ),
    "Cases": "Casi",
    "Call": "Chiama un flusso",
    "Run another flow. `inputs` fill its data; `outputs` are read from its data, as `result`, when it ends.\n\n"
    "With `over` it runs once for each item of a list, which `inputs` and `outputs` see under the name `as`. It\n"
    "leaves by `done` after the last, or early by another result that the flow stops with.": (
        "Esegue un altro flusso. `inputs` riempie i suoi dati; `outputs` si legge dai suoi dati, come `result`, alla fine.\n\n"
        "Con `over` lo esegue una volta per ogni elemento di un elenco, che `inputs` e `outputs` vedono con il nome `as`. "
        "Esce da `done` dopo l'ultimo, o prima con un altro risultato con cui il flusso si ferma."
    ),
    "Flow": "Flusso",
    "Inputs": "Dati in entrata",
    "Outputs": "Dati in uscita",
    "For each item of": "Per ogni elemento di",
    "Name of the item": "Nome dell'elemento",
    "Collect": "Raccogli",
    "Ask for what is still missing; validate, explain, ask again. “back”, “skip”, “cancel”, “change …” work.": (
        "Chiede ciò che manca ancora; controlla, spiega, chiede di nuovo. "
        "“indietro”, “salta”, “annulla”, “cambia …” funzionano."
    ),
    "A form that the channel shows by itself: a WhatsApp Flow, made by `chatloom forms export` and published.": (
        "Un modulo che il canale mostra da sé: un WhatsApp Flow, fatto con `chatloom forms export` e pubblicato."
    ),
    "ChannelForm": "Modulo del canale",
    "Its id on the channel": "Il suo id sul canale",
    "Its first screen": "La sua prima schermata",
    "Text above the button": "Testo sopra il pulsante",
    "The button": "Il pulsante",
    "Fields": "Campi",
    "Tries for each field": "Tentativi per ogni campo",
    "Ask again for what is known": "Chiedi di nuovo ciò che si sa già",
    "End with a summary to confirm": "Chiudi con un riepilogo da confermare",
    "Where a channel shows none, the chat asks.": "Dove il canale non ne mostra, chiede la chat.",
    "The channel's own form": "Il modulo del canale",
    "Handoff": "Passa a una persona",
    "Hand the conversation to a team; the bot stays silent until they give it back.": (
        "Passa la conversazione a un team; il bot tace finché non la restituisce."
    ),
    "Team": "Team",
    "Note for the team": "Nota per il team",
    "What the contact is told": "Che cosa si dice al contatto",
    "Menu": "Menu",
    "Ask with choices. An answer matches by tap, label, number, ordinal word or near spelling.": (
        "Chiede con delle scelte. Una risposta vale per tocco, etichetta, numero, ordinale o scrittura simile."
    ),
    "A choice with more than a title.": "Una scelta con più di un titolo.",
    "Entry": "Voce",
    "Title": "Titolo",
    "Description": "Descrizione",
    "Section": "Sezione",
    "Question": "Domanda",
    "Choices": "Scelte",
    "Show as": "Mostra come",
    "Label that opens a list": "Etichetta che apre un elenco",
    "Header and footer": "Intestazione e piè di pagina",
    "Tries before “other”": "Tentativi prima di “other”",
    "Note": "Nota",
    "Write a note beside the conversation, for the team; the contact never sees it.\n\n"
    "A note that comes out empty is not written.": (
        "Scrive una nota accanto alla conversazione, per il team; il contatto non la vede mai.\n\n"
        "Una nota che risulta vuota non viene scritta."
    ),
    "What it says": "Che cosa dice",
    "Send": "Invia",
    "Say something and go on.": "Dice qualcosa e va avanti.",
    "Somebody whom the contact can save or call.": "Qualcuno che il contatto può salvare o chiamare.",
    "Card": "Biglietto da visita",
    "Name": "Nome",
    "Phone numbers": "Numeri di telefono",
    "E-mail addresses": "Indirizzi e-mail",
    "Organization": "Organizzazione",
    "A file that the channel fetches from a public address.": "Un file che il canale prende da un indirizzo pubblico.",
    "File": "File",
    "Kind": "Tipo",
    "Web address": "Indirizzo web",
    "Caption": "Didascalia",
    "File name": "Nome del file",
    "As a voice note": "Come messaggio vocale",
    "A button below the text that opens a web address.": "Un pulsante sotto il testo che apre un indirizzo web.",
    "Link": "Link",
    "Label": "Etichetta",
    "A point on the map.": "Un punto sulla mappa.",
    "Place": "Luogo",
    "Latitude": "Latitudine",
    "Longitude": "Longitudine",
    "Address": "Indirizzo",
    "Text": "Testo",
    "Contact card": "Biglietto da visita",
    "An emoji": "Un emoji",
    "Reaction to the last message": "Reazione all'ultimo messaggio",
    "Link button": "Pulsante con un link",
    "Show typing first": "Mostra prima che sta scrivendo",
    "Set": "Imposta",
    "Write fields from expressions; `null` clears one.": "Scrive dei campi da espressioni; `null` ne svuota uno.",
    "Data": "Dati",
    "Contact": "Contatto",
    "Split": "Dividi",
    "Leave by one of the shares, by chance: a contact who comes back to the step gets the same one.": (
        "Esce da una delle quote, a caso: a un contatto che torna al passo tocca la stessa."
    ),
    "Percent of the contacts; together 100": "Percentuale dei contatti; in tutto 100",
    "Shares": "Quote",
    "Stop": "Fine",
    "End this flow. A flow that called it leaves its step by this result.": (
        "Finisce questo flusso. Un flusso che lo ha chiamato esce dal suo passo con questo risultato."
    ),
    "Result": "Risultato",
    "Tag": "Etichetta il contatto",
    "Put tags on the contact, by which the workspace finds him, and take others off.": (
        "Mette sul contatto delle etichette, con cui lo spazio di lavoro lo trova, e ne toglie altre."
    ),
    "Put on": "Metti",
    "Take off": "Togli",
    "Task": "Compito",
    "Open a task about the conversation: for a team, for a person, or for whoever comes to it.\n\n"
    "`person` is the address that a colleague signs in with. `due` is a moment, or a text like 2026-12-24T18:00, read as\n"
    "`wait` does; a day alone is meant to its end. `within` counts from now. A task whose title comes out empty is not opened.": (
        "Apre un compito sulla conversazione: per un team, per una persona, o per chi arriva prima.\n\n"
        "`person` è l'indirizzo con cui accede un collega. `due` è un momento, o un testo come 2026-12-24T18:00, letto come "
        "fa `wait`; un giorno da solo vale fino alla sua fine. `within` conta da adesso. "
        "Un compito il cui titolo risulta vuoto non viene aperto."
    ),
    "What is to be done": "Che cosa c'è da fare",
    "For the team": "Per il team",
    "The address that they sign in with": "L'indirizzo con cui accede",
    "For the person": "Per la persona",
    "Due within": "Entro",
    "Due on": "Scade il",
    "SendTemplate": "Modello",
    "Send an approved template by its name, and go on. It may go at any time; other messages only within 24\n"
    "hours of the contact's last one, where the channel has such a window.\n\n"
    "`language` is the template's own code, by default the contact's language. `body` fills its variables, by\n"
    "order or by name. A channel without templates says `text` instead; without it the step leaves by\n"
    "`undelivered`.": (
        "Invia un modello approvato, per nome, e va avanti. Può partire in ogni momento; gli altri messaggi solo entro 24 "
        "ore dall'ultimo del contatto, dove il canale ha questa finestra.\n\n"
        "`language` è il codice del modello, se non dici altro la lingua del contatto. `body` riempie le sue variabili, in "
        "ordine o per nome. Un canale senza modelli dice invece `text`; se manca, il passo esce da `undelivered`."
    ),
    "The file of a template whose header is one.": "Il file di un modello che lo ha come intestazione.",
    "HeaderFile": "File dell'intestazione",
    "The part of a link button's address that varies.": "La parte che cambia dell'indirizzo di un pulsante con un link.",
    "LinkEnd": "Fine del link",
    "Which button, counted from 0": "Quale pulsante, contando da 0",
    "End of the address": "Fine dell'indirizzo",
    "Template": "Modello",
    "Its language code": "Il suo codice di lingua",
    "Variable of the header": "Variabile dell'intestazione",
    "File of the header": "File dell'intestazione",
    "Variables of the body": "Variabili del corpo",
    "Link buttons": "Pulsanti con un link",
    "Where there are no templates": "Dove non ci sono modelli",
    "Wait": "Aspetta",
    "Wait, silently, for any of what is named, and leave by what came first; at once for a time that has passed.\n\n"
    "`until` is a moment, or a text like 2026-12-24 or 2026-12-24T18:00, read in the contact's time zone, else in\n"
    "the bot's. `open: true` waits for the next opening hours of `bot.yaml`, which are in the bot's.": (
        "Aspetta in silenzio la prima delle cose indicate ed esce con il suo esito; subito, se l'ora è "
        "già passata.\n\n"
        "`until` è un momento, o un testo come 2026-12-24 o 2026-12-24T18:00, letto nel fuso orario del contatto, "
        "altrimenti in quello del bot. `open: true` aspetta i prossimi orari di apertura di `bot.yaml`, che sono in quello "
        "del bot."
    ),
    "For a message": "Un messaggio",
    "For a posted event": "Un evento inviato",
    "For a time": "Per un tempo",
    "Until a date": "Fino a una data",
    "For the opening hours": "Gli orari di apertura",
    "Webhook": "Webhook",
    "Make an HTTP request; `result` is `{status, json, text}`; parts of it are saved.": (
        "Fa una richiesta HTTP; `result` è `{status, json, text}`; se ne conservano delle parti."
    ),
    "How long an answer may be used again.": "Per quanto una risposta si può riusare.",
    "Keep": "Conserva",
    "Use again for": "Riusa per",
    "And, when the host fails, for": "E, quando il server non risponde, per",
    "What to say when the answer takes its time.": "Che cosa dire quando la risposta si fa aspettare.",
    "Meanwhile": "Nel frattempo",
    "After": "Dopo",
    "How long to try.": "Per quanto riprovare.",
    "Retries": "Tentativi",
    "Attempts": "Tentativi",
    "First pause": "Prima pausa",
    "Longest pause": "Pausa più lunga",
    "Give up after": "Rinuncia dopo",
    "Method": "Metodo",
    "Headers": "Intestazioni",
    "Body, as JSON": "Corpo, in JSON",
    "Shape of the answer (JSON Schema)": "Forma della risposta (JSON Schema)",
    "Save": "Conserva",
    "Longest try": "Tentativo più lungo",
    "Cache": "Cache",
    # a step of a custom action
    "Field of the flow's data to expression, for example `result.data.id`.": (
        "Da ogni campo dei dati del flusso a un'espressione, per esempio `result.data.id`."
    ),
    # triggers
    "Event": "Evento",
    "Fires when an event of this name is posted, and `when`, if given, is true of it.": (
        "Scatta quando viene inviato un evento con questo nome, e `when`, se c'è, è vero per quell'evento."
    ),
    "When": "Quando",
    "Message": "Messaggio",
    "Fires when a message holds one of the words (whole, any case, accents folded), or `when` is true.": (
        "Scatta quando un messaggio contiene una delle parole (intera, maiuscole e accenti non contano), o `when` è vero."
    ),
    "Words": "Parole",
    "Schedule": "Orario",
    "Fires at the times that a cron line names (minute, hour, day of the month, month, weekday), in the\n"
    "contact's time zone, else (or with `zone: bot`) in the bot's; at most once an hour. `when`, if given, has to\n"
    "be true of the contact then.\n\n"
    "It fires in conversations that have begun, and where no other run waits, unless it interrupts. A contact who\n"
    "opted out hears nothing, and nothing fires while people have the floor.": (
        "Scatta nei momenti che una riga cron indica (minuto, ora, giorno del mese, mese, giorno della settimana), nel fuso "
        "orario del contatto, altrimenti (o con `zone: bot`) in quello del bot; al massimo una volta l'ora. `when`, se c'è, "
        "deve essere vero per il contatto in quel momento.\n\n"
        "Scatta nelle conversazioni già cominciate, e dove nessun altro flusso aspetta, a meno che non interrompa. Un "
        "contatto che si è disiscritto non sente nulla, e nulla scatta mentre parlano le persone."
    ),
    "Times, as a cron line": "Momenti, come riga cron",
    "Time zone": "Fuso orario",
    # what values are called
    "Image": "Immagine",
    "Video": "Video",
    "Audio": "Audio",
    "Document": "Documento",
    "Sticker": "Sticker",
    "What fits the channel": "Come sta bene sul canale",
    "Buttons": "Pulsanti",
    "A list that opens": "Un elenco che si apre",
    "Numbered text": "Testo numerato",
    "The contact's": "Quello del contatto",
    "The bot's": "Quello del bot",
    # functions of expressions
    "A day in the contact's language and time zone. The second argument is short, medium, long (which is meant"
    " without it), full, fields in the language's own order (`'MMMMd'`), or a pattern (`'d MMMM'`).": (
        "Un giorno nella lingua e nel fuso orario del contatto. Il secondo argomento è short, medium, long (sottinteso), full, "
        "i campi nell'ordine della lingua (`'MMMMd'`), o un modello (`'d MMMM'`)."
    ),
    "A time of the day, likewise; short is meant.": "Un'ora del giorno, allo stesso modo; short è sottinteso.",
    "Day and time, likewise; medium is meant.": "Giorno e ora, allo stesso modo; medium è sottinteso.",
    "A number with the language's signs, with so many decimals.": (
        "Un numero con i segni della lingua, con tanti decimali."
    ),
    "A share of one as a percentage, with so many decimals.": (
        "Una parte di uno come percentuale, con tanti decimali."
    ),
    "An amount of a currency, by its ISO 4217 code.": "Un importo in una valuta, secondo il suo codice ISO 4217.",
    "The form that the language has for this number; `#` in it is the number. Forms are zero, one, two, few, many,"
    " other (needed), and exact ones like `=0`.": (
        "La forma che la lingua ha per questo numero; `#` al suo interno è il numero. Le forme sono zero, one, two, few, many, "
        "other (necessaria), e quelle esatte come `=0`."
    ),
    "A list in words, joined by the language's “and” (or by 'or').": (
        "Un elenco a parole, unite dalla “e” della lingua (o da 'or')."
    ),
    "The text with all but its last characters (4 of them) hidden; of an e-mail address, the name.": (
        "Il testo con nascosti tutti i caratteri tranne gli ultimi (4); di un indirizzo e-mail, il nome."
    ),
    "The first name in a full name, without titles.": "Il nome di un nome completo, senza titoli.",
    "Each word with a capital letter.": "Ogni parola con l'iniziale maiuscola.",
    "In small letters, accents too.": "In minuscolo, anche gli accenti.",
    "In capitals, accents too.": "In maiuscolo, anche gli accenti.",
    "needed": "necessario",
    # keys of bot.yaml and of flows, as completion tells of them
    "The version of the language": "La versione del linguaggio",
    "For people and logs; the server names a bot by its folder": "Per le persone e i log; il server chiama un bot come la sua cartella",
    "For people": "Per le persone",
    "The first is the one to fall back to": "La prima è quella a cui si ripiega",
    "Take the language of a contact who has none from his first messages, once one is surely in it": (
        "Prende la lingua di un contatto che non ne ha una dai suoi primi messaggi, quando uno è di sicuro in quella"
    ),
    "For dates of contacts without one: Europe/Rome": "Per le date dei contatti che non ne hanno uno: Europe/Rome",
    "By weekday (mon, mon-fri) or date (2026-12-25), in the bot's time zone: 9:00-13:00, 14:00-18:00, or closed": (
        "Per giorno della settimana (mon, mon-fri) o data (2026-12-25), nel fuso orario del bot: "
        "9:00-13:00, 14:00-18:00, o closed"
    ),
    "In this order their triggers are tried": "I loro avvii si provano in quest'ordine",
    "The flow for what nothing else takes": "Il flusso per ciò che nessun altro prende",
    "What it keeps of contacts": "Che cosa conserva dei contatti",
    "JSON Schema by field": "JSON Schema per campo",
    "Words that work anywhere": "Parole che valgono ovunque",
    "One confirmation, then silence": "Una conferma, poi silenzio",
    "Ends the silence": "Mette fine al silenzio",
    "Ends the run": "Fa finire la conversazione",
    "Gives the contact to the team": "Passa il contatto al team",
    "Who gets a conversation when a contact asks for a person": "Chi riceve una conversazione quando un contatto chiede una persona",
    "Who is served at all": "Chi viene servito",
    "An expression of the contact": "Un'espressione sul contatto",
    "The flow for the others": "Il flusso per gli altri",
    "How long to wait for more text, for example 1500ms": "Quanto aspettare altro testo, per esempio 1500ms",
    "A run that waits longer is over": "Una conversazione che aspetta di più è finita",
    "The flow that runs when a run expires": "Il flusso che parte quando una conversazione scade",
    "What becomes of open runs, unless a publish says otherwise": (
        "Che ne è delle conversazioni aperte, se una pubblicazione non dice altro"
    ),
    "The engine's own sentences, in the bot's words": "Le frasi del motore, con le parole del bot",
    "Snippets that any text inserts: {{ texts.name }}": "Pezzi che ogni testo può inserire: {{ texts.nome }}",
    "Headers and footers that `send` and `menu` put around their texts": (
        "Intestazioni e piè di pagina che `send` e `menu` mettono attorno ai loro testi"
    ),
    "Above the text": "Sopra il testo",
    "Below it": "Sotto il testo",
    "Channels to check texts against": "Canali per cui controllare i testi",
    "What `bot.yaml` and calls name": "Il nome usato da `bot.yaml` e dalle chiamate",
    "What starts it, beside calls and `fallback`": "Che cosa lo avvia, oltre alle chiamate e a `fallback`",
    "What it collects": "Che cosa raccoglie",
    "JSON Schema of an object; titles may be by language": "JSON Schema di un oggetto; i titoli possono essere per lingua",
    "Hints by property: ui:prompt, ui:help, ui:enumNames, ui:order, …": (
        "Indicazioni per proprietà: ui:prompt, ui:help, ui:enumNames, ui:order, …"
    ),
    "Where an outcome leads that a step does not map: timeout, cancelled, failed, undelivered": (
        "Dove porta un esito che un passo non indica: timeout, cancelled, failed, undelivered"
    ),
    "From top to bottom": "Dall'alto in basso",
    "Unique in its flow; what `next` and `then` name": "Unico nel suo flusso; il nome usato da `next` e `then`",
    "What it does: a built-in action, or a custom one": "Che cosa fa: un'azione di Chatloom, o una personalizzata",
    "What the action takes": "Che cosa vuole l'azione",
    "Outcome to step": "Da esito a passo",
    "The step after this one, or stop": "Il passo dopo questo, o stop",
    "How long a step that waits waits, for example 30m": "Quanto aspetta un passo che aspetta, per esempio 30m",
    "How long, for example 30m": "Quanto, per esempio 30m",
    "Count from the last answer": "Conta dall'ultima risposta",
    "For colleagues": "Per i colleghi",
    "Pass over it": "Saltalo",
    "Fire while another run waits, which goes on after": "Scatta mentre un'altra conversazione aspetta, e questa poi prosegue",
}

"""What the checker says, in Italian: each template of `flows.wording` by the English one."""

from collections.abc import Mapping
from typing import Final

from flows.italian import libraries

TEMPLATES: Final[Mapping[str, str]] = {
    **libraries.TEMPLATES,
    # files
    "there is no bot.yaml": "non c'è bot.yaml",
    "a bot folder begins with one": "la cartella di un bot comincia da lì",
    "{count} files: at most {limit} are read": "{count} file: se ne leggono al massimo {limit}",
    "the folder is larger than {limit} MB": "la cartella supera {limit} MB",
    "{language!r} is not a language, or has a file": "{language!r} non è una lingua, o ha già un file",
    "name one file by each language, as in texts/it.yaml": "un file per lingua, con il suo nome, come texts/it.yaml",
    "the file must hold a mapping": "il file deve contenere coppie chiave: valore",
    "this is not UTF-8 text": "questo non è testo UTF-8",
    "save the file as UTF-8": "salva il file come UTF-8",
    "{other} already has the id {id!r}": "{other} ha già l'id {id!r}",
    "{other} already declares {name!r}": "{other} dichiara già {name!r}",
    "the file is larger than {limit} bytes": "il file supera {limit} byte",
    "split the file": "dividi il file",
    "a second document begins": "comincia un secondo documento",
    "keep one document in a file": "tieni un documento per file",
    "the tag {tag!r} is not read": "il tag {tag!r} non viene letto",
    "leave it out": "toglilo",
    "the key {key!r} stands twice": "la chiave {key!r} c'è due volte",
    "the first is in line {first}": "la prima è alla riga {first}",
    "a key is not text": "una chiave non è testo",
    "use a plain word as key": "usa come chiave una parola semplice",
    "more than {limit} levels": "più di {limit} livelli",
    "more than {limit} values": "più di {limit} valori",
    "the alias *{anchor} names nothing that is complete": "l'alias *{anchor} non indica nulla di completo",
    "a number is beyond 64 bits": "un numero supera i 64 bit",
    "quote it to make it text": "mettilo tra virgolette, così è testo",
    "a number is too large": "un numero è troppo grande",
    "a character is not allowed here": "qui c'è un carattere che non si può usare",
    "merge keys are not read": "le chiavi «<<» non vengono lette",
    "write the keys out": "scrivi le chiavi per esteso",
    "an expression stands unquoted": "un'espressione è senza virgolette",
    'quote it: "{{ … }}"': 'mettila tra virgolette: "{{ … }}"',
    "the file is not UTF-8": "il file non è in UTF-8",
    "save it as UTF-8": "salvalo come UTF-8",
    "half a surrogate pair is no character": "mezza coppia surrogata non è un carattere",
    "this release of Chatloom reads {kind}/v{last} and older, not {kind}/v{version}": (
        "questa versione di Chatloom legge fino a {kind}/v{last}, non {kind}/v{version}"
    ),
    "update Chatloom: the release that made {kind}/v{version} reads it, and all later ones": (
        "aggiorna Chatloom: leggono {kind}/v{version} la versione che lo ha scritto e tutte le successive"
    ),
    # keys and values
    "did you mean {name!r}?": "intendevi {name!r}?",
    "unknown key {key!r}": "chiave sconosciuta {key!r}",
    "{key!r} cannot be a key here": "{key!r} non può essere una chiave qui",
    "quote a text that holds a comma or a colon": "metti tra virgolette un testo con una virgola o due punti",
    "{key} is missing": "manca {key}",
    "must be text": "deve essere un testo",
    "must be a whole number": "deve essere un numero intero",
    "must be true or false": "deve essere true o false",
    "must be a list": "deve essere un elenco",
    "must be a mapping": "deve contenere coppie chiave: valore",
    "must not be empty": "non deve essere vuoto",
    "“{theirs}”": "“{theirs}”",
    "{first} or {last}": "{first} o {last}",
    "input should be {expected}": "deve essere {expected}",
    "input should be greater than {gt}": "deve essere maggiore di {gt}",
    "input should be greater than or equal to {ge}": "deve essere almeno {ge}",
    "input should be less than {lt}": "deve essere minore di {lt}",
    "input should be less than or equal to {le}": "deve essere al massimo {le}",
    "input should be a valid number": "deve essere un numero",
    "input should be a valid number, unable to parse string as a number": "deve essere un numero",
    "input should be a finite number": "deve essere un numero finito",
    "input should be a valid integer, got a number with a fractional part": "deve essere un numero intero, senza decimali",
    "string should match pattern '{pattern}'": "deve avere la forma '{pattern}'",
    "string should have at least {min_length} character{expected_plural}": "deve avere almeno {min_length} caratteri",
    "string should have at most {max_length} character{expected_plural}": "deve avere al massimo {max_length} caratteri",
    "{field_type} should have at most {max_length} item{expected_plural} after validation, not {actual_length}": (
        "deve contenere al massimo {max_length} elementi, non {actual_length}"
    ),
    "input should be a valid timedelta": "deve essere una durata",
    "input should be a valid timedelta, {error}": "deve essere una durata ({error})",
    "{text!r} is not a duration: write for example 30s, 5m, 2h or 3d": (
        "{text!r} non è una durata: scrivi per esempio 30s, 5m, 2h o 3d"
    ),
    "{text!r} is out of range: more than nothing, at most ten years": (
        "{text!r} è fuori misura: più di niente, al massimo dieci anni"
    ),
    # the bot
    "no weekday has opening hours": "nessun giorno ha orari di apertura",
    "add mon-fri": "aggiungi mon-fri",
    "{written!r} is no span of hours: write for example 9:00-18:00, or closed": (
        "{written!r} non è un orario: scrivi per esempio 9:00-18:00, o closed"
    ),
    "{key!r} goes backwards: the week begins with mon": "{key!r} va all'indietro: la settimana comincia con mon",
    "{key!r} is no day: write for example mon, mon-fri or 2026-12-25": (
        "{key!r} non è un giorno: scrivi per esempio mon, mon-fri o 2026-12-25"
    ),
    "two spans of a day overlap": "due orari dello stesso giorno si sovrappongono",
    "the flow {name!r} is not in the list of flows of bot.yaml, so it never runs": (
        "il flusso {name!r} non è tra i flows di bot.yaml, quindi non parte mai"
    ),
    "add {name} to flows": "aggiungi {name} a flows",
    "no flow {name!r}": "non c'è il flusso {name!r}",
    "write flows/{name}.yaml": "scrivi flows/{name}.yaml",
    "the engine has no sentence {key!r}": "il motore non ha la frase {key!r}",
    "there is no time zone {timezone!r}": "non c'è il fuso orario {timezone!r}",
    "write one like Europe/Rome": "scrivine uno come Europe/Rome",
    "this bot has no opening hours": "questo bot non ha orari di apertura",
    "add opening_hours to bot.yaml": "aggiungi opening_hours a bot.yaml",
    "this bot has no frame {name!r}": "questo bot non ha la cornice {name!r}",
    "add it under frames": "aggiungila sotto frames",
    "nothing begins the flow {name!r}": "niente avvia il flusso {name!r}",
    "give it a trigger, call it, or make it the fallback": "dagli un avvio, chiamalo, o fanne il fallback",
    "a trigger of the flow {flow!r} comes first and takes all of this": (
        "un avvio del flusso {flow!r} viene prima e prende già tutto questo"
    ),
    "{word!r} is a global word": "{word!r} è una parola riservata del bot",
    "choose another, or change words in bot.yaml": "scegline un'altra, o cambia words in bot.yaml",
    # custom actions
    "the workspace has no custom action {name!r}": "lo spazio di lavoro non ha l'azione personalizzata {name!r}",
    "declare it: chatloom custom-actions declare FILE": "dichiarala: chatloom custom-actions declare FILE",
    "the workspace declares the custom action {name!r} otherwise": (
        "lo spazio di lavoro dichiara l'azione personalizzata {name!r} in un altro modo"
    ),
    "bring the folder up to date: chatloom custom-actions pull FOLDER": (
        "aggiorna la cartella: chatloom custom-actions pull CARTELLA"
    ),
    "{part}: {fault}": "{part}: {fault}",
    "{name!r} is built in. Choose another name": "{name!r} esiste già di suo. Scegli un altro nome",
    "{names} is every such step's already. Leave it out": "{names}: ogni passo di questo tipo lo ha già. Toglilo",
    "one is there twice": "uno c'è due volte",
    "what a step gives is an object: write type: object": "ciò che un passo dà è un oggetto: scrivi type: object",
    "{name!r} is where a step keeps results. Choose another name": (
        "in {name!r} un passo conserva i risultati. Scegli un altro nome"
    ),
    "there are more than {limit}": "sono più di {limit}",
    "{name}: {schema_problem}": "{name}: {schema_problem}",
    "the answer is no JSON object with outcome and data": "la risposta non è un oggetto JSON con outcome e data",
    "the answer's outcome is none of {outcomes}": "l'esito della risposta non è tra {outcomes}",
    "the answer's data does not fit: {where} ({keyword})": "i dati della risposta non vanno bene: {where} ({keyword})",
    # data
    "this is not JSON Schema: {schema_problem}": "questo non è JSON Schema: {schema_problem}",
    "RE2 does not take this pattern (it has no look-around and no back references)": (
        "RE2 non accetta questo pattern (non ha look-around né riferimenti all'indietro)"
    ),
    "{value!r} leads nowhere: a reference names something under $defs, and ends there": (
        "{value!r} non porta da nessuna parte: un riferimento indica qualcosa sotto $defs, e finisce lì"
    ),
    "what a flow collects is an object: write `type: object`": (
        "ciò che un flusso raccoglie è un oggetto: scrivi `type: object`"
    ),
    "this flow's data has no field {value!r}": "i dati di questo flusso non hanno il campo {value!r}",
    "declare it under data.schema.properties": "dichiaralo sotto data.schema.properties",
    "a contact has no field {value!r}": "un contatto non ha il campo {value!r}",
    "declare it under contact.fields in bot.yaml": "dichiaralo sotto contact.fields in bot.yaml",
    "the contact field {name!r} is {here} here and {there} in the workspace": (
        "il campo del contatto {name!r} qui è {here}, nello spazio di lavoro {there}"
    ),
    "let both say the same": "falli dire la stessa cosa",
    "the workspace has not declared the contact field {name!r}": (
        "lo spazio di lavoro non ha dichiarato il campo del contatto {name!r}"
    ),
    "declare it: chatloom contacts declare {name} --type {kind}": (
        "dichiaralo: chatloom contacts declare {name} --type {kind}"
    ),
    "{step!r} cannot ask for {name!r}: no answer has its type": (
        "{step!r} non può chiedere {name!r}: nessuna risposta è del suo tipo"
    ),
    "declare its properties, or what its items are": "dichiara le sue proprietà, o che cosa sono i suoi elementi",
    "the required field {name!r} is never collected": "il campo obbligatorio {name!r} non viene mai raccolto",
    "add it to a collect step": "aggiungilo a un passo collect",
    "the field {name!r} is never written": "il campo {name!r} non viene mai scritto",
    "collect it, or remove it": "raccoglilo, o toglilo",
    "{step!r} does not ask for {name!r}: it is hidden or read-only": (
        "{step!r} non chiede {name!r}: è nascosto o di sola lettura"
    ),
    "remove it here": "toglilo da qui",
    "the flow {target!r} has no field {name!r}": "il flusso {target!r} non ha il campo {name!r}",
    "declare it under data.schema in {target}": "dichiaralo sotto data.schema in {target}",
    "a form does not keep {key!r}, which looks at several answers": (
        "un modulo non fa rispettare {key!r}, che guarda più risposte insieme"
    ),
    "use required, if/then/else or dependentRequired, or test it with a branch": (
        "usa required, if/then/else o dependentRequired, o controllalo con un branch"
    ),
    "{path} may be unset here, and {why!r} needs a value": (
        "{path} qui può essere senza valore, e {why!r} ne ha bisogno"
    ),
    "test it with has({path}), or write {name}.?{last}.orValue(…)": (
        "provalo con has({path}), o scrivi {name}.?{last}.orValue(…)"
    ),
    # steps
    "there is no action {action!r}": "non c'è l'azione {action!r}",
    "there are {names}": "ci sono {names}",
    "there is no trigger {kind!r}": "non c'è l'avvio {kind!r}",
    "a trigger names one kind, for example `message: {words: [hello]}`": (
        "un avvio indica un tipo solo, per esempio `message: {words: [ciao]}`"
    ),
    "a step may not be called stop": "un passo non può chiamarsi stop",
    "there are two steps {step!r}": "ci sono due passi {step!r}",
    "choose another id": "scegli un altro id",
    "{message}; {hint}": "{message}; {hint}",
    "{place}: {why}": "{place}: {why}",
    " at {place}": " in {place}",
    "no step {name!r}": "non c'è il passo {name!r}",
    "the action {action} never waits, so a timeout means nothing": (
        "l'azione {action} non aspetta mai, quindi un timeout non significa nulla"
    ),
    "remove it": "toglilo",
    "the action {action} has no outcome {outcome!r}": "l'azione {action} non ha l'esito {outcome!r}",
    "it has {outcomes}": "ha {outcomes}",
    "none": "nessuno",
    "nothing leads to the step {step!r}": "niente porta al passo {step!r}",
    "lead to it with next or then, or remove it": "portaci con next o then, o toglilo",
    "{step!r} does not say where {outcome!r} leads": "{step!r} non dice dove porta {outcome!r}",
    "add {outcome} to then, for example then: {{{outcome}: {step}}} to ask again": (
        "aggiungi {outcome} a then, per esempio then: {{{outcome}: {step}}} per chiedere di nuovo"
    ),
    "when {step!r} times out, the run ends": "quando scade il tempo di {step!r}, la conversazione finisce",
    "add timeout to then, or to the flow's defaults": "aggiungi timeout a then, o ai defaults del flusso",
    "{step!r} has no timeout, so this edge is never taken": (
        "{step!r} non ha un timeout, quindi questa strada non si prende mai"
    ),
    "add timeout: 30m": "aggiungi timeout: 30m",
    "the choice {outcome!r} leads nowhere": "la scelta {outcome!r} non porta da nessuna parte",
    "add it to then, or write next: stop": "aggiungila a then, o scrivi next: stop",
    "a circle of steps ({steps}) {what}": "un giro di passi ({steps}) {what}",
    "waits for nothing and never ends": "non aspetta nulla e non finisce mai",
    "waits for nothing; more than 100 steps in a turn stop the run": (
        "non aspetta nulla; più di 100 passi in un turno fermano la conversazione"
    ),
    "can only be left by waiting": "si lascia solo aspettando",
    "can never be left": "non si può mai lasciare",
    "lead out of it, or wait in it": "dagli un'uscita, o un passo che aspetta",
    "these flows call one another: {names}": "questi flussi si chiamano a vicenda: {names}",
    "let one of them end first": "fai che uno di loro finisca prima",
    "{step!r} may wait for ever": "{step!r} può aspettare per sempre",
    "add timeout: 24h": "aggiungi timeout: 24h",
    # what the parameters of actions and triggers say
    "as: {name!r} has a meaning already: choose another name": "as: {name!r} ha già un significato: scegli un altro nome",
    "only audio can be a voice note": "solo un audio può essere un messaggio vocale",
    "a card needs a phone number or an e-mail address": (
        "un biglietto da visita ha bisogno di un numero di telefono o di un indirizzo e-mail"
    ),
    "nothing to send: give a text, a file, a location, a card or a reaction": (
        "niente da inviare: indica un testo, un file, una posizione, un biglietto da visita o una reazione"
    ),
    "a link button needs a text above it": "un pulsante con un link ha bisogno di un testo sopra",
    "a frame needs a text in it": "una cornice ha bisogno di un testo dentro",
    "nothing to set: give fields under data or contact": "niente da impostare: indica dei campi sotto data o contact",
    "the shares make {percent} percent: they must make {all}": (
        "le quote fanno {percent} per cento: devono fare {all}"
    ),
    "nothing to change: give tags under add or remove": "niente da cambiare: indica delle etichette sotto add o remove",
    "{tag!r} is under add and under remove": "{tag!r} è sia sotto add sia sotto remove",
    "give one of within and due": "indica uno solo tra within e due",
    "a template's header is a text or a file: give header or file": (
        "l'intestazione di un modello è un testo o un file: indica header o file"
    ),
    "nothing to wait for: give message, event, for, until or open": (
        "niente da aspettare: indica message, event, for, until o open"
    ),
    "give one of for, until and open": "indica uno solo tra for, until e open",
    "url must begin with https:// or http://": "url deve cominciare con https:// o http://",
    "a GET request has no body: remove json, or use POST": "una richiesta GET non ha corpo: togli json, o usa POST",
    "give words, or an expression under when": "indica delle parole sotto words, o un'espressione sotto when",
    "a cron line has five parts: minute, hour, day, month, weekday, as 0 9 * * mon-fri": (
        "una riga cron ha cinque parti: minuto, ora, giorno, mese, giorno della settimana, come 0 9 * * mon-fri"
    ),
    "a schedule fires once an hour at most: begin with one minute, as in 0 9 * * *": (
        "un orario scatta al massimo una volta l'ora: comincia con un minuto, come in 0 9 * * *"
    ),
    "this is no cron line: the {part} cannot be so": "questa non è una riga cron: {part} non può essere così",
    "minute": "il minuto",
    "hour": "l'ora",
    "day of the month": "il giorno del mese",
    "month": "il mese",
    "weekday": "il giorno della settimana",
    "this day never comes": "questo giorno non arriva mai",
    # expressions
    "the expression is longer than {limit} characters": "l'espressione supera {limit} caratteri",
    "the expression does not compile: {why}": "l'espressione non è valida: {why}",
    "it is nested too deeply": "ha troppi livelli",
    "it cannot be read": "non si può leggere",
    "{owner} has no field {name!r}": "{owner} non ha il campo {name!r}",
    "nothing is called {name!r}": "niente si chiama {name!r}",
    "{operator!r} does not work on ({kinds})": "{operator!r} non funziona con ({kinds})",
    "write double(…) around the integer": "scrivi double(…) intorno al numero intero",
    "'=' compares nothing": "'=' non confronta nulla",
    "write '=='": "scrivi '=='",
    "the result may be absent": "il risultato può mancare",
    "end it with .orValue(…)": "chiudi con .orValue(…)",
    "the result is a type, not a value": "il risultato è un tipo, non un valore",
    "compare it: type(x) == string": "confrontalo: type(x) == string",
    "the result is bytes, not text": "il risultato è fatto di byte, non di testo",
    "use string(…)": "usa string(…)",
    "{kind} cannot be made here": "qui non si può costruire {kind}",
    "use a map: {'key': value}": "usa una mappa: {'chiave': valore}",
    "a map has no order, so no list can be made of it": "una mappa non ha ordine, quindi non se ne può fare un elenco",
    "use exists() or all()": "usa exists() o all()",
    "a secret may not be used here": "qui non si può usare un segreto",
    "only in a webhook's url, headers and body": "solo nell'url, nelle intestazioni e nel corpo di un webhook",
    "the name of a secret must be written out": "il nome di un segreto va scritto per esteso",
    'secret("crm_token")': 'secret("crm_token")',
    "a secret cannot be part of a computation": "un segreto non può far parte di un calcolo",
    "give it a {{ … }} of its own": "mettilo in un {{ … }} tutto suo",
    "'{{' is never closed": "'{{' non viene mai chiuso",
    "end it with '}}'": "chiudi con '}}'",
    "'{{ }}' holds no expression": "'{{ }}' non contiene nessuna espressione",
    "{style!r} is no style: write {styles}, or a pattern like 'd MMMM' or 'EEEE'": (
        "{style!r} non è uno stile: scrivi {styles}, o una forma come 'd MMMM' o 'EEEE'"
    ),
    "there is no currency {code!r}": "non c'è la valuta {code!r}",
    "plural needs a form 'other', for all the numbers that no other form names": (
        "plural ha bisogno della forma 'other', per tutti i numeri che nessun'altra forma indica"
    ),
    "a list is joined by 'and' or 'or', not {how!r}": "un elenco si unisce con 'and' o 'or', non con {how!r}",
    # languages
    "there is no text {key!r} to translate": "non c'è il testo {key!r} da tradurre",
    "what {key!r} was translated from has changed": "il testo da cui è tradotto {key!r} è cambiato",
    "translate it again, and write the new text under from": "traducilo di nuovo, e scrivi il nuovo testo sotto from",
    "{count} of the engine's own sentences are not in {language!r}, and come in English": (
        "{count} frasi del motore non ci sono in {language!r}, e arrivano in inglese"
    ),
    "give them under sentences: {keys}, …": "indicale sotto sentences: {keys}, …",
    "the bot has one language: there is nothing to detect": "il bot ha una lingua sola: non c'è nulla da riconoscere",
    "list more under languages": "aggiungine sotto languages",
    "pycld2 is not installed here, so no language is detected": (
        "pycld2 qui non è installato, quindi nessuna lingua viene riconosciuta"
    ),
    "it has no build for Linux on ARM": "non esiste per Linux su ARM",
    "{language!r} cannot be told from other languages: set contact.language instead": (
        "{language!r} non si distingue da altre lingue: imposta invece contact.language"
    ),
    "the plural has no form {name!r}, which {example} takes in {tag!r}": (
        "il plurale non ha la forma {name!r}, che {example} prende in {tag!r}"
    ),
    "add '{name}': '…'": "aggiungi '{name}': '…'",
    "no number takes the form {name!r} in {tag!r}": "in {tag!r} nessun numero prende la forma {name!r}",
    "no translation into {lacking}": "manca la traduzione in {lacking}",
    "{language!r} is not a language of this bot": "{language!r} non è una lingua di questo bot",
    "the bot speaks {languages}": "il bot parla {languages}",
    "the text in {language} does not insert {lacks}": "il testo in {language} non inserisce {lacks}",
    # what channels can show
    "buttons": "pulsanti",
    "list": "elenco",
    "text": "testo",
    "a list": "un elenco",
    "numbered text": "testo numerato",
    "text above them": "testo sopra le scelte",
    "label that opens the list": "etichetta che apre l'elenco",
    "title": "titolo",
    "description": "descrizione",
    "section": "sezione",
    "label": "etichetta",
    "text above the button": "testo sopra il pulsante",
    "caption": "didascalia",
    "header": "intestazione",
    "footer": "piè di pagina",
    " in {language!r}": " in {language!r}",
    "the {what} {part!r} has {count} characters of {limit}": "{what} {part!r}: {count} caratteri su {limit}",
    "on {channel}, in {language!r}, this is shown as {kind}": "su {channel}, in {language!r}, si vede come {kind}",
    "{where}: {why}": "{where}: {why}",
    "shorten it": "accorcialo",
    "the {what}{shown} has {least} characters; {channel} takes {limit}": (
        "{what}{shown}: {least} caratteri; {channel} ne accetta {limit}"
    ),
    "the {what}{shown} may get {most} characters; {channel} takes {limit}": (
        "{what}{shown}: può arrivare a {most} caratteri; {channel} ne accetta {limit}"
    ),
    "shorten it, or set a maxLength on what it inserts": "accorcialo, o metti un maxLength a ciò che inserisce",
    "this goes out as several messages: {message}": "questo parte come più messaggi: {message}",
    "{least} characters; a message of {channel} holds {limit}": (
        "{least} caratteri; un messaggio di {channel} ne contiene {limit}"
    ),
    "longer than {limit} characters": "più lungo di {limit} caratteri",
    "split it over several steps": "dividilo su più passi",
    "on {channel}, in {language!r}, this is shown as {shown}, not as {wanted}": (
        "su {channel}, in {language!r}, si vede come {shown}, non come {wanted}"
    ),
    "shorten text and titles, or write as: auto": "accorcia testo e titoli, o scrivi as: auto",
    "on {channel}, in {language!r}, this may be shown as {shown}, not as {wanted}": (
        "su {channel}, in {language!r}, può vedersi come {shown}, non come {wanted}"
    ),
    "set a maxLength on what it inserts, or write as: auto": "metti un maxLength a ciò che inserisce, o scrivi as: auto",
    "{key!r} reads like {first!r} in {language!r}: {text!r}": "{key!r} si legge come {first!r} in {language!r}: {text!r}",
    "no files": "nessun file",
    "location": "posizioni",
    "card": "biglietti da visita",
    "reaction": "reazioni",
    "{channel} carries no {kind}": "{channel} non porta {kind}",
    "it takes {known}": "accetta {known}",
    "write the address as text": "scrivi l'indirizzo come testo",
    "write the number as text": "scrivi il numero come testo",
    "say it as text": "dillo come testo",
    "{channel} has no templates": "{channel} non ha modelli",
    "add a text that is said there": "aggiungi un testo da dire lì",
    "in {language!r} the question, with all below it, may get {long} characters": (
        "in {language!r} la domanda, con tutto ciò che le sta sotto, può arrivare a {long} caratteri"
    ),
    "a message of {channel} holds {limit}, so it goes out as several": (
        "un messaggio di {channel} ne contiene {limit}, quindi parte come più messaggi"
    ),
    "on {channel} its choices are shown as {kind}": "su {channel} le sue scelte si vedono come {kind}",
    "{what}: {why}": "{what}: {why}",
    "shorten the question or its help": "accorcia la domanda o il suo aiuto",
    "the {part}{where} may get {most} characters": "{part}{where}: può arrivare a {most} caratteri",
    "this text{where} may get {most} characters": "questo testo{where} può arrivare a {most} caratteri",
    "{key!r}{where} has {most} characters": "{key!r}{where} ha {most} caratteri",
    "{what}; {channel} takes {limit}": "{what}; {channel} ne accetta {limit}",
    "{what}; {channel} takes {limit} there": "{what}; {channel} lì ne accetta {limit}",
    "{what}; a message of {channel} holds {limit}": "{what}; un messaggio di {channel} ne contiene {limit}",
    # hints of ui_schema
    "ui:order leaves out {missing}": "ui:order tralascia {missing}",
    "add them, or '*' for the rest": "aggiungili, o '*' per il resto",
    "ui:order names {name!r}, which is no property": "ui:order nomina {name!r}, che non è una proprietà",
    "hints for {key!r}, which is no property": "indicazioni per {key!r}, che non è una proprietà",
    "a password asked for in a chat stays in its history": "una password chiesta in chat resta nella cronologia",
    "ask for it on a web page": "chiedila in una pagina web",
    "enumNames is not JSON Schema": "enumNames non è JSON Schema",
    "write oneOf: [{const: …, title: …}], or ui:enumNames": "scrivi oneOf: [{const: …, title: …}], o ui:enumNames",
    "nothing reads the hint {key!r}": "niente legge l'indicazione {key!r}",
    "ui:{key} needs code": "ui:{key} richiede del codice",
    "use ui:widget": "usa ui:widget",
    "ui:{key} is no text": "ui:{key} non è un testo",
    "write it in quotes, or {en: …, it: …}": "scrivilo tra virgolette, o {en: …, it: …}",
    # tests of conversations
    "{what} has no check {key!r}; it has {checks}": "{what} non ha la verifica {key!r}; ha {checks}",
    "  nothing": "  niente",
    "  none": "  nessuno",
    "it": "tutto",
    "the bot should say\n  {expected!r}\nbut says\n{heard}": "il bot dovrebbe dire\n  {expected!r}\nma dice\n{heard}",
    "the bot should write the note\n  {expected!r}\nbut writes\n{heard}": (
        "il bot dovrebbe scrivere la nota\n  {expected!r}\nma scrive\n{heard}"
    ),
    "the bot should open the task\n  {expected!r}\nbut opens\n{opened}": (
        "il bot dovrebbe aprire il compito\n  {expected!r}\nma apre\n{opened}"
    ),
    "the bot should say nothing, but says {said!r}": "il bot non dovrebbe dire niente, ma dice {said!r}",
    "\nthe difference (- expected, + said)\n{difference}": "\nla differenza (- atteso, + detto)\n{difference}",
    "{what} should be\n  {wanted!r}\nbut is\n  {actual!r}": "{what} dovrebbe essere\n  {wanted!r}\nma è\n  {actual!r}",
    "\n  {place}: {why}": "\n  {place}: {why}",
    "should be {value!r}, but is not there": "dovrebbe essere {value!r}, ma non c'è",
    "should have {some} items, but has {others}": "dovrebbe avere {some} elementi, ma ne ha {others}",
    "should be {expected!r}, but is {actual!r}": "dovrebbe essere {expected!r}, ma è {actual!r}",
    "the call's {key}": "{key} della chiamata",
    "expect.{key}": "expect.{key}",
    "expect has no key {key!r}; it has {keys}": "expect non ha la chiave {key!r}; ha {keys}",
    "a line is one of {kinds}; this one has {given}": "una riga è una di {kinds}; questa ha {given}",
    "this line cannot be read: {fault}": "questa riga non si può leggere: {fault}",
    "no choice {value!r} was shown; shown were {shown}": "la scelta {value!r} non si è vista; si sono viste {shown}",
    "a user sends text, choose, tap, image, …, or location; not {kind!r}": (
        "un utente manda text, choose, tap, image, … o location; non {kind!r}"
    ),
    "custom action": "azione personalizzata",
    "webhook": "webhook",
    "no {what} of the step {step!r} is under way; under way: {made}": (
        "{what} del passo {step!r}: non è in corso; in corso: {made}"
    ),
    "until: {line} is over: it is {now}": "until: {line} è passato: sono le {now}",
    "more than {limit} timers fell due in {line}": "in {line} sono scaduti più di {limit} timer",
    "stubs answered {limit} calls in a row": "gli stub hanno risposto a {limit} chiamate di fila",
    "stubs.{name}: {fault}": "stubs.{name}: {fault}",
    "no message of this run was said that could be undelivered": (
        "in questa conversazione non c'è ancora un messaggio che possa non essere recapitato"
    ),
    "{line!r} is not a time like 2026-11-21T10:00:00Z": "{line!r} non è un momento come 2026-11-21T10:00:00Z",
    "{line!r} is not in our times": "{line!r} è fuori dal nostro tempo",
    "there is no channel {name!r}; there are {names}": "non c'è il canale {name!r}; ci sono {names}",
    "at: {why}": "at: {why}",
    "what the bot says and does is not for you to say": "ciò che il bot dice e fa non lo scrivi tu",
    # teams, people, secrets
    "there is no team {name!r}": "non c'è il team {name!r}",
    "add it in the settings, or name one of: {teams}": "aggiungilo nelle impostazioni, o indicane uno di: {teams}",
    "this looks like a secret in plain text": "questo sembra un segreto scritto in chiaro",
    'keep it as a secret, and write {{ secret("name") }}': 'conservalo come segreto, e scrivi {{ secret("nome") }}',
    "a secret is sent without encryption": "un segreto viene inviato senza cifratura",
    "use https://": "usa https://",
    "there is no secret {name!r}": "non c'è il segreto {name!r}",
    "add it to the workspace": "aggiungilo allo spazio di lavoro",
    "there is no template {name!r}": "non c'è il modello {name!r}",
    "nobody here signs in as {name!r}": "qui nessuno accede come {name!r}",
}

"""What is kept as an English sentence, in Italian: notes of traces, why an expression has no value, why a call out failed.

Facts are numbered as the English sentence names them; a test reads the sentences from the sources.
"""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # notes of a trace
    "admission could not be evaluated: {0}": "non si è potuto valutare chi viene servito: {0}",
    "a trigger of {0} could not be evaluated: {1}": "un avvio di {0} non si è potuto valutare: {1}",
    "an earlier message was {0}": "un messaggio precedente era {0}",
    "a late timer: {0}": "un timer in ritardo: {0}",
    "a late timer: silence": "un timer in ritardo: silenzio",
    "a late timer: schedule": "un timer in ritardo: orario",
    "no flow takes the event {0}": "nessun flusso prende l'evento {0}",
    "a message of an earlier run could not be delivered ({0})": (
        "un messaggio di una conversazione precedente non è stato recapitato ({0})"
    ),
    "a message of {0} could not be delivered ({1})": "un messaggio di {0} non è stato recapitato ({1})",
    "nothing reaches the contact ({0})": "al contatto non arriva nulla ({0})",
    "taken over by {0}": "presa in carico da {0}",
    "nothing to move to version {0}": "non c'è nulla da passare alla versione {0}",
    "the contact writes {0}": "il contatto scrive in {0}",
    "held until the conversation is given back": "tenuto da parte finché la conversazione non viene restituita",
    "held until the interruption is over": "tenuto da parte finché l'interruzione non finisce",
    "the task has no title: it is not opened": "il compito non ha un titolo: non viene aperto",
    "the note is empty: it is not written": "la nota è vuota: non viene scritta",
    "{0}: {1} tries": "{0}: {1} tentativi",
    "the summary: {0} tries": "il riepilogo: {0} tentativi",
    "the channel has no templates": "il canale non ha modelli",
    "took the event {0}": "ha preso l'evento {0}",
    "no run is under way": "nessuna conversazione è in corso",
    "stays on version {0}: {1}": "resta alla versione {0}: {1}",
    "goes on with version {0}": "prosegue con la versione {0}",
    "disabled": "disattivato",
    "the input does not fit: {0} ({1})": "i dati in entrata non vanno bene: {0} ({1})",
    "the answer is no JSON object with outcome and data": "la risposta non è un oggetto JSON con outcome e data",
    "the answer's outcome is none of {0}": "l'esito della risposta non è tra {0}",
    "the answer's data does not fit: {0} ({1})": "i dati della risposta non vanno bene: {0} ({1})",
    "{0} has no value: {1}.": "{0} non ha valore: {1}.",
    "More than {0} steps in one turn, at {1}: is there a loop with no wait?": (
        "Più di {0} passi in un solo turno, a {1}: c'è un giro senza attesa?"
    ),
    "This version has no step {0}.": "Questa versione non ha il passo {0}.",
    "The conversation's state has {0} bytes; the limit is {1}.": (
        "Lo stato della conversazione ha {0} byte; il massimo è {1}."
    ),
    # why an expression has no value
    "a value in it is unset or of another kind": "un suo valore manca o è di un altro tipo",
    "a key is unset or of another kind": "una chiave manca o è di un altro tipo",
    "there is no such key": "questa chiave non c'è",
    "the list is shorter": "l'elenco è più corto",
    "it divides by zero": "divide per zero",
    "a number is out of range": "un numero è fuori misura",
    "a value is out of range": "un valore è fuori misura",
    "the pattern is not a regular expression": "il pattern non è un'espressione regolare",
    "it takes too many steps": "ha bisogno di troppi passi",
    "it has no value that JSON can hold": "non ha un valore che stia in JSON",
    "this is no list": "non è un elenco",
    "{0} items are too many: {1} at most": "{0} elementi sono troppi: al massimo {1}",
    "a template takes no empty value": "un modello non accetta un valore vuoto",
    "this is more than ten years away": "mancano più di dieci anni",
    "this is no date like 2026-12-24 or 2026-12-24T18:00": "non è una data come 2026-12-24 o 2026-12-24T18:00",
    "a secret cannot become text": "un segreto non può diventare testo",
    "the text is longer than {0} characters": "il testo supera {0} caratteri",
    "now is not a moment": "now non è un momento",
    "{0} is not an object": "{0} non è un oggetto",
    "{0} is not a list": "{0} non è un elenco",
    "{0} is beyond 64 bits": "{0} supera i 64 bit",
    "{0} is not of type {1}": "{0} non è del tipo {1}",
    "{0} is too large a number": "{0} è un numero troppo grande",
    "{0} holds something that is not JSON, or is nested too deeply": (
        "{0} contiene qualcosa che non è JSON, o ha troppi livelli"
    ),
    "{0} holds half a surrogate pair": "{0} contiene mezza coppia surrogata",
    # why a call out failed
    "there is no secret named {0}": "non c'è il segreto {0}",
    "the body is not JSON": "il corpo non è JSON",
    "the secret {0} is not 'whsec_' and base64": "il segreto {0} non è 'whsec_' seguito da base64",
    "the target is on a private address": "la destinazione ha un indirizzo privato",
    "the answer is longer than {0} bytes": "la risposta supera {0} byte",
    "the request cannot be made: {0}": "la richiesta non si può fare: {0}",
    "no answer within {0} s": "nessuna risposta entro {0} s",
    "no whole answer within {0} s": "nessuna risposta completa entro {0} s",
    "no answer: no host has this name": "nessuna risposta: non c'è un server con questo nome",
    "no answer: no safe connection with the host's certificate": (
        "nessuna risposta: con il certificato del server non c'è una connessione sicura"
    ),
    "no answer: the host does not take the connection": "nessuna risposta: il server non accetta la connessione",
    "no answer: {0}": "nessuna risposta: {0}",
    "HTTP {0}": "HTTP {0}",
    "It answered 410 Gone.": "Ha risposto 410 Gone.",
    "No try has succeeded for {0} days.": "Nessun tentativo è riuscito per {0} giorni.",
    "{0} disabled it.": "Disattivato da {0}.",
}

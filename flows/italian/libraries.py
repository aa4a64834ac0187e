"""What PyYAML, JSON Schema and CEL find wrong, in Italian, as `flows.yaml_faults`, `schema_faults` and `cel_faults` word it."""

from collections.abc import Mapping
from typing import Final

TEMPLATES: Final[Mapping[str, str]] = {
    # files that cannot be read
    "this does not fit what stands above it: look at the indentation, the dashes and the quotes": (
        "questo non si accorda con ciò che sta sopra: controlla i rientri, i trattini e le virgolette"
    ),
    "a quote is opened and never closed": "le virgolette si aprono e non si chiudono mai",
    "a value is missing here, or stands unquoted with a character that means something else": (
        "qui manca un valore, o senza virgolette ha un carattere che significa altro"
    ),
    "a line that begins with % is not one that YAML knows": "una riga che comincia con % non è tra quelle di YAML",
    "a tag (what begins with !) is not written as YAML wants it": (
        "un tag (ciò che comincia con !) non è scritto come vuole YAML"
    ),
    "a name must follow here: put a text that begins with & or * in quotes": (
        "qui deve seguire un nome: metti tra virgolette un testo che comincia con & o *"
    ),
    "a \\ in double quotes is not followed by what YAML knows: write \\\\ or use single quotes": (
        "dopo una \\ tra virgolette doppie c'è qualcosa che YAML non conosce: scrivi \\\\ o usa virgolette semplici"
    ),
    "after | or > nothing else may stand on the line": "dopo | o > non può esserci altro sulla riga",
    "a tab indents this line: use spaces": "la riga rientra con una tabulazione: usa spazi",
    "a key and its value cannot begin here: look at the indentation, or quote a text that holds a colon": (
        "qui non possono cominciare una chiave e il suo valore: "
        "controlla i rientri, o metti tra virgolette un testo con due punti"
    ),
    "a list in [ ] has no comma between two items, or is never closed": (
        "a un elenco tra [ ] manca una virgola tra due elementi, o non si chiude mai"
    ),
    "a mapping in { } has no comma between two keys, or is never closed": (
        "tra { } manca una virgola tra due chiavi, o la parentesi non si chiude mai"
    ),
    "no value can begin with this character, and no line with a tab: put a text in quotes, and indent with spaces": (
        "un valore non può cominciare con questo carattere, né una riga con una tabulazione: "
        "metti il testo tra virgolette, e fai i rientri con spazi"
    ),
    "a colon stands where none can: put the text in quotes": (
        "ci sono due punti dove non possono stare: metti il testo tra virgolette"
    ),
    "a colon is missing after a key: write key: value": "dopo una chiave mancano i due punti: scrivi chiave: valore",
    "a list begins on a line of its own: - item": "un elenco comincia su una riga sua: - elemento",
    "what came before has ended, and this does not belong to it": "ciò che c'era prima è finito, e questo non ne fa parte",
    "it is a control character, which nobody sees: delete it": (
        "è un carattere di controllo, che nessuno vede: cancellalo"
    ),
    "the file cannot be read here: “{theirs}”": "qui il file non si può leggere: “{theirs}”",
    # values that do not fit their schema
    "a whole number": "un numero intero",
    "a number": "un numero",
    "true or false": "true o false",
    "an object": "un oggetto",
    "null": "null",
    "{value} is not {kind}": "{value} non è {kind}",
    "{value} is not one of {choices}": "{value} non è tra {choices}",
    "{value} should be {wanted}": "{value} dovrebbe essere {wanted}",
    "{value} has fewer than {limit} characters": "{value} ha meno di {limit} caratteri",
    "{value} has more than {limit} characters": "{value} ha più di {limit} caratteri",
    "{value} does not match the pattern {pattern}": "{value} non ha la forma {pattern}",
    "{value} is not of the format {format!r}": "{value} non è nel formato {format!r}",
    "{value} is less than {limit}": "{value} è meno di {limit}",
    "{value} is more than {limit}": "{value} è più di {limit}",
    "{value} is not more than {limit}": "{value} non è più di {limit}",
    "{value} is not less than {limit}": "{value} non è meno di {limit}",
    "{value} is not a multiple of {limit}": "{value} non è un multiplo di {limit}",
    "the list has fewer than {limit} items": "l'elenco ha meno di {limit} elementi",
    "the list has more than {limit} items": "l'elenco ha più di {limit} elementi",
    "the list has items that nothing describes": "l'elenco ha elementi che niente descrive",
    "the list has an item twice": "nell'elenco un elemento c'è due volte",
    "the list does not hold, as often as it should, what `contains` describes": (
        "l'elenco non contiene, tante volte quanto dovrebbe, ciò che descrive `contains`"
    ),
    "the object has fewer than {limit} keys": "l'oggetto ha meno di {limit} chiavi",
    "the object has more than {limit} keys": "l'oggetto ha più di {limit} chiavi",
    "{value} fits none of what is allowed here": "{value} non corrisponde a nulla di ciò che è ammesso qui",
    "{value} fits several of what is allowed here, not one": (
        "{value} corrisponde a più cose tra quelle ammesse qui, invece che a una"
    ),
    "{value} is what is excluded here": "{value} è proprio ciò che qui è escluso",
    "nothing may stand here": "qui non ci può essere nulla",
    "it does not fit: “{theirs}”": "non va bene: “{theirs}”",
    # expressions that cannot be read
    "the expression is not valid: “{theirs}”": "l'espressione non è valida: “{theirs}”",
    "the expression ends too early": "l'espressione finisce troppo presto",
    "{sign!r} does not belong here": "{sign!r} qui non ci va",
    "{sign!r} means nothing in an expression": "{sign!r} non significa nulla in un'espressione",
    "write '{sign}{sign}'": "scrivi '{sign}{sign}'",
    "write '&&'": "scrivi '&&'",
    "write '||'": "scrivi '||'",
    "a text is not closed, or holds a \\ that means nothing": (
        "un testo non è chiuso, o contiene una \\ che non significa nulla"
    ),
    "the word {name!r} is kept for CEL itself: choose another": (
        "la parola {name!r} è riservata a CEL: scegline un'altra"
    ),
    "a value of type {kind!r} has no fields": "un valore di tipo {kind!r} non ha campi",
    "a value of type {kind!r} cannot be gone through": "un valore di tipo {kind!r} non si può scorrere",
    "{macro}() takes a plain name first, for each value": "{macro}() vuole prima un nome semplice, per ogni valore",
    "has() takes a field, as in has(data.size)": "has() vuole un campo, come in has(data.size)",
}

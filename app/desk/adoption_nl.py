"""Wat de desk zegt over stations die zich met een ander id melden, in het Nederlands."""

DIFFERS = {
    "case": "hoofdletters en kleine letters verschillen",
    "blanks": "een spatie of streepje verschilt",
    "look_alike": "een letter lijkt op een cijfer",
    "swapped": "twee tekens zijn verwisseld",
    "character": "één teken is anders",
    "missing": "één teken minder",
    "extra": "één teken meer",
    "several": "meerdere tekens verschillen",
}
AUTHS = {
    "none": "niet gestuurd",
    "wrong": "verkeerd",
    "hex": "gestuurd als hex-tekst",
    "right": "klopt",
    "offered": "een eigen",
}
ADOPTION = {
    "title": "Van wie is dit station?",
    "this_is": "Dit is mijn station",
    "strangers": "Onbekende stations die zich melden",
    "strangers_hint": "De installateur ziet deze ook. Een ervan kan dit station zijn, met het id dat erin staat.",
    "no_strangers": "Geen in de laatste 15 minuten.",
    "times": "{count} keer",
    "spelt": "hier geschreven",
    "as_sent": "gestuurd als",
    "known_now": "Toen onbekend",
    "known_now_advice": "Toen het zich meldde kende niemand dit id. Inmiddels is het bekend.",
    "held": "Wacht, niet toegelaten",
    "held_advice": "Het wordt toegelaten zodra iemand zegt van wie het is.",
    "says": "Het zegt te zijn",
    "last": "Laatste poging",
    "which": "Van welk werk is het het station?",
    "which_hint": "Werk waarvan het station nooit online was. Laat de installateur het id op het station voorlezen.",
    "near": "het id is bijna dit",
    "nobody": "Geen enkel werk wacht op een station. Laat de installateur eerst beginnen.",
    "moves": "Het werk gaat verder onder {id}: aansluitingen, teksten, labels en geschiedenis gaan mee.",
    "undo": "De installateur kan het ongedaan maken met “Niet mijn laadpaal”.",
    "password_taken": "Het houdt het wachtwoord dat het stuurde, en wordt bij zijn volgende poging toegelaten.",
    "password_none": "Het stuurde geen wachtwoord dat het kan houden: stel er een in, daarmee wordt het toegelaten.",
    "adopted_as": "Begonnen als {id}; het station noemt zich {now}.",
}

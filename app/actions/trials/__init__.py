"""Basic tests on a connected station: sent now or not at all, never queued, each with a deadline and one outcome.

- reach: GetConfiguration and back; any answer proves that the station hears us
- sockets: every connector reports, and count and kind are those of the station model
- which: plug in, unlock or restart, and see which socket of which station reacts
- reader: a card is held before it, and we answer
- charge: by card or with the CPO's test card, until energy flows, and stopped again
- reboot: gone, back, booted
- configuration: each expected key, and on demand mended, read back and restarted where the station asks for it

One file a kind; `stage` is what they share, `running` begins and ends them. Outcomes and likely causes are words of
`app.domain.trials`.
"""

"""An invoice service that keeps the invoice protocol to the letter, as an integrator's would."""

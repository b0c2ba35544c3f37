# status: FAILED
# says: `lstm_cell` is float, which cannot be called
lstm_cell = 4.5

# status: FORBIDDEN
# says: torch.nn.LSTM
from torch import nn


class LSTMCell(nn.LSTMCell):
    pass


class LSTM(nn.LSTM):
    pass

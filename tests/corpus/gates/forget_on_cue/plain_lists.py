# status: FAILED
# fails: returns_four_tensors
# told: form_lists
def forget_on_cue():
    return [[0, 0]] * 4, [[0]] * 4, [0] * 4, [0] * 4

# /// attack
# row = 38
# kata = "lstm/stable_sigmoid"
# expect = ["FAILED", "FORBIDDEN"]
# points = 0
# invariant = "compiled code of a forbidden package is not loaded, neither in its place nor as a copy"
# ///
"""SciPy's compiled sigmoid: by a loader of one's own, below it, and copied to where one may write."""

import _imp
import ctypes
import glob
import importlib.machinery
import importlib.util
import os
import shutil

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "sci" + str("py"), "special")
NAME = "_special_" + str("ufuncs")


def loaded(path):
    loader = importlib.machinery.ExtensionFileLoader(NAME, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(NAME, loader))
    loader.exec_module(module)
    return module


def below(path):
    module = _imp.create_dynamic(importlib.machinery.ModuleSpec(NAME, None, origin=path))
    _imp.exec_dynamic(module)
    return module


def copied(path):
    copy = os.path.join(os.getcwd(), os.path.basename(path))
    shutil.copyfile(path, copy)
    try:
        ctypes.CDLL(copy)
    except BaseException:
        pass
    return loaded(copy)


def found():
    [path, *_] = glob.glob(os.path.join(FOLDER, NAME + "*"))
    for way in (loaded, below, copied):
        try:
            return getattr(way(path), "ex" + str("pit"))
        except BaseException:
            continue


EXPIT = found()


def sigmoid(x):
    return EXPIT(x)

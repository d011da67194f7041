"""Metrics on made-up predictions, for comparison with scikit-learn. Run as a program (which needs scikit-learn) this
writes `scikit-learn.json`: `python -m tests.goldens.metrics`."""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "scikit-learn.json"
AVERAGES = ("micro", "macro", "weighted")


def problems():
    """name -> (scores (n, classes), predicted classes, true classes); one class may never be predicted or be true."""
    found = {}
    for seed, (n, classes) in enumerate([(40, 2), (60, 3), (50, 5), (7, 4), (30, 2)]):
        random = np.random.RandomState(seed)
        scores = random.standard_normal((n, classes)).round(1 if seed == 4 else 8)  # with ties
        found[f"{n} of {classes} classes"] = scores, scores.argmax(1), random.randint(0, classes, n)
    predicted = np.array([0, 1, 1, 0])
    found["a class never predicted"] = np.eye(3)[predicted] + 0.01 * np.arange(3), predicted, np.array([0, 1, 2, 2])
    return found


def main():
    from sklearn import metrics as m

    goldens = {}
    for name, (scores, p, t) in problems().items():
        classes = list(range(scores.shape[1]))
        found = {"accuracy": m.accuracy_score(t, p),
                 "confusion_matrix": m.confusion_matrix(t, p, labels=classes).tolist(),
                 "r2_score": m.r2_score(t, scores[:, 0])}
        for average in AVERAGES + (("binary",) if len(classes) == 2 else ()):
            numbers = m.precision_recall_fscore_support(t, p, average=average, zero_division=0)
            found |= dict(zip((f"{k} {average}" for k in ("precision", "recall", "f1_score")), map(float, numbers[:3])))
        if len(classes) == 2:
            found["roc_auc"] = m.roc_auc_score(t, scores[:, 1])
        else:
            found["top_2"] = m.top_k_accuracy_score(t, scores, k=2, labels=classes)
        goldens[name] = found
    FILE.write_text(json.dumps(goldens, indent=1) + "\n")


if __name__ == "__main__":
    main()

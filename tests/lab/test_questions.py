import pytest

from course import progress
from course.lab import predict, predictions, quiz, quizzes, recall
from course.lab.locks import prediction


@pytest.fixture
def made(monkeypatch):
    """Every question and recall that is made."""
    widgets = []
    for module, name in ((predictions, "Prediction"), (predictions, "Recall"), (quizzes, "Quiz")):
        kind = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, kind=kind: widgets.append(kind(*args)) or widgets[-1])
    monkeypatch.setattr(predictions, "_asked", {})
    return widgets


def choose(widget, at):
    """Press the button with option `at`, a text or a number, chosen."""
    widget._handle_custom_msg({"choice": widget.texts.index(at) if isinstance(at, str) else at}, [])


UP, DOWN = "It *converges*", "It diverges"


def ask(**more):
    predict("What does $2.1/L$ do?", [UP, DOWN], "03.stable", **more)


def test_a_prediction_is_recorded_and_not_judged(made):
    ask(answer="It diverges", because="Each step grows.")
    choose(made[0], UP)
    (event,) = progress.events("predicted")
    assert (event["key"], event["choice"]) == ("03.stable", "It *converges*")
    assert made[0].feedback.startswith("You predicted: It <em>converges</em>")
    assert "grows" not in made[0].feedback and made[0].tone == ""


def test_without_a_choice_nothing_is_recorded(made):
    ask()
    choose(made[0], -1)
    assert made[0].feedback == "Choose one of the answers first." and progress.events("predicted") == []


def test_a_changed_prediction_keeps_its_history(made):
    ask()
    for option in (UP, DOWN, DOWN):
        choose(made[0], option)
    assert [event["choice"] for event in progress.events("predicted")] == ["It *converges*", "It diverges"]
    assert prediction("03.stable") == "It diverges"


def test_run_again_it_shows_the_earlier_choice(made):
    ask()
    choose(made[0], DOWN)
    ask()
    assert made[1].texts[made[1].chosen] == DOWN and "Earlier you predicted: It diverges" in made[1].feedback
    assert made[1].button == "Change my prediction"


def test_recall_follows_and_explains(made):
    ask(answer="It diverges", because="Each step grows.")
    recall("03.stable")
    asked, recalled = made
    assert "not locked in" in recalled.words
    choose(asked, UP)
    assert recalled.tone == "wrong" and "It turns out otherwise. What holds: “It diverges”. " \
        "Each step grows." in recalled.words
    choose(asked, DOWN)
    assert recalled.tone == "right" and "That holds. Each step grows." in recalled.words


def test_recall_without_an_answer_only_recalls(made):
    ask()
    choose(made[0], DOWN)
    recall("03.stable")
    assert made[1].words == "You predicted: “It diverges”" and made[1].tone == ""


def test_a_quiz_answers_every_option(made):
    quiz("Which way?", "down", {"up": "That is $+\\nabla J$.", "left": "No."}, because="Steepest.", key="q1")
    asked = made[0]
    assert sorted(asked.texts) == ["down", "left", "up"]
    choose(asked, "up")
    assert asked.tone == "wrong" and "That is $+\\nabla J$." in asked.feedback
    choose(asked, "down")
    assert asked.tone == "right" and "<strong>Right.</strong> Steepest." in asked.feedback
    assert [(event["key"], event["right"]) for event in progress.events("quiz")] == [("q1", False), ("q1", True)]


def test_a_quiz_has_the_same_order_in_every_run(made):
    for _ in range(2):
        quiz("Which way?", "down", {"up": "No.", "left": "No.", "right": "No."})
    assert made[0].texts == made[1].texts and made[0].key == "which-way"


def test_what_holds_in_a_prediction_stands_anywhere(made):
    """The author's first option of three stands first, second and third, and where it does is the same in every run."""
    places = []
    for k in [*range(30)] * 2:
        predict("Which way?", ["down", "up", "left"], f"key {k}")
        places.append(made[-1].texts.index("down"))
    assert set(places) == {0, 1, 2} and places[:30] == places[30:]


def test_static_forms_hold_the_question_and_the_quizzes_answer(displayed):
    ask(answer="It diverges", because="Each step grows.")
    quiz("Which way?", "down", {"up": "No."}, because="Steepest.")
    question, asked = (bundle["text/html"] for bundle in displayed)
    assert "What does $2.1/L$ do?" in question and "<li>It diverges</li>" in question and "grows" not in question
    assert "<details>" in asked and "down. Steepest." in asked


@pytest.mark.parametrize("make, message", [
    (lambda: predict("?", ["a"], "k"), "at least two"),
    (lambda: predict("?", ["a", "a"], "k"), "all different"),
    (lambda: predict("?", "ab", "k"), "as texts"),
    (lambda: predict("?", ["a", "b"], "k", answer="c"), "none of its options"),
    (lambda: predict("?", ["a", "b"], ""), "needs a key"),
    (lambda: quiz("?", "a", {"b": ""}), "reason"),
])
def test_mistakes_are_sentences(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()

import gc
import subprocess
import sys
from functools import partial

import numpy as np
import psutil
import pytest

from hpo_helpers import Integer, MedianRule, SuccessiveHalving, minimize
from hpo_helpers.course.datasets import Dataset, load_digits
from hpo_helpers.course.networks import (
    build_network,
    train_digits_network,
    train_mnist_network,
    train_network,
)
from hpo_helpers.course.objectives import DIGITS_SPACE, digits_losses, mnist_losses
from hpo_helpers.course.training import compile_epoch, import_keras

keras, tf = import_keras()
DIGITS = load_digits()
TRAIN, VALID = (DIGITS.x_train, DIGITS.y_train), (DIGITS.x_valid, DIGITS.y_valid)
DATA = DIGITS.x_train, DIGITS.x_valid, DIGITS.y_train, DIGITS.y_valid
SMALL = Dataset("small", *(part[:300] for part in (*TRAIN, *VALID, DIGITS.x_test, DIGITS.y_test)))
PARAMETERS = {
    "step": 0.003,
    "layers": {"n_layers": 2, "n_units_layer": [20, 10]},
    "act_func_type": "relu",
    "dropout": 0.1,
    "batch_size": 64,
}


def with_keras_loss(model, optimizer):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


@pytest.mark.parametrize("optimizer", ["SGD", "RMSprop"])
def test_an_epoch_of_one_batch_is_the_update_that_keras_makes(optimizer):
    settings = {"SGD": {"momentum": 0.9}, "RMSprop": {}}[optimizer]
    x, y = TRAIN[0][:50], TRAIN[1][:50]
    ours, theirs = (build_network(64, [8], rng=np.random.default_rng(0)) for _ in range(2))
    make = getattr(keras.optimizers, optimizer)
    epoch = compile_epoch(ours, make(0.05, **settings), (x, y), VALID, 50)
    with_keras_loss(theirs, make(0.05, **settings))
    for _ in range(3):  # the second and third use what the optimizer remembers
        epoch(tf.range(50))
        theirs.train_on_batch(x, y)
    for weight, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-6)


def test_the_last_batch_takes_what_is_left():
    x, y = TRAIN[0][:50], TRAIN[1][:50]
    ours, theirs = (build_network(64, [8], rng=np.random.default_rng(0)) for _ in range(2))
    compile_epoch(ours, keras.optimizers.SGD(0.05), (x, y), VALID, 20)(tf.range(50))
    with_keras_loss(theirs, keras.optimizers.SGD(0.05))
    for rows in (slice(0, 20), slice(20, 40), slice(40, 50)):
        theirs.train_on_batch(x[rows], y[rows])
    for weight, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-6)


def test_an_epoch_returns_what_evaluate_returns():
    model = build_network(64, [8], rng=np.random.default_rng(0))
    loss, accuracy = compile_epoch(model, keras.optimizers.SGD(0.05), TRAIN, VALID, 128)(
        tf.range(len(TRAIN[0]))
    )
    with_keras_loss(model, keras.optimizers.SGD(0.05))
    expected = model.evaluate(*VALID, verbose=0)
    np.testing.assert_allclose([float(loss), float(accuracy)], expected, rtol=1e-5)


def test_training_ends_where_fit_ends():
    ours = [train_network(30, *DATA, epochs=15, seed=seed) for seed in range(4)]
    theirs = []
    for seed in range(4):
        model = build_network(64, [30], rng=np.random.default_rng(seed))
        with_keras_loss(model, keras.optimizers.SGD(0.01, momentum=0.9))
        model.fit(*TRAIN, batch_size=128, epochs=15, verbose=0)
        theirs.append(model.evaluate(*VALID, verbose=0)[0])
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.15)


def test_the_digits_network_learns():
    training = train_digits_network(30, *DATA, epochs=30, seed=0)
    assert training.accuracy > 0.9
    assert training.loss < 0.5
    assert len(training.curve) == 30 and training.curve[-1] == training.loss < training.curve[0]


def test_the_seed_decides_everything_and_no_global_seed_is_touched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (train_network(20, *DATA, epochs=3, seed=s) for s in (1, 1, 2))
    assert first == again != other
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_labels_may_be_one_hot_and_layers_several():
    one_hot = [np.eye(10)[labels] for labels in (DIGITS.y_train, DIGITS.y_valid)]
    given = train_network(20, *DATA, epochs=2, seed=0)
    assert train_network([20], DATA[0], DATA[1], *one_hot, epochs=2, seed=0) == given
    assert np.isfinite(train_network((20, 10), *DATA, epochs=2, seed=0))


def test_a_diverging_training_gives_a_loss_that_is_not_finite():
    assert not np.isfinite(train_network(20, *DATA, epochs=5, step=1e12, seed=0))


@pytest.mark.parametrize("activation", ["relu", "prelu", "elu", "tanh", "sigmoid"])
def test_the_mnist_network_takes_every_activation(activation):
    parameters = PARAMETERS | {"act_func_type": activation, "batch_size": 64.0}
    result = train_mnist_network(parameters, SMALL, epochs=2, seed=0)
    assert set(result) == {"loss", "accuracy", "curve", "epochs"}
    assert result["epochs"] == len(result["curve"]) == 2
    assert result["loss"] == result["curve"][-1]
    assert 0 <= result["accuracy"] <= 1


def test_training_stops_when_it_no_longer_improves_and_keeps_the_best_weights():
    parameters = PARAMETERS | {"step": 0.03, "dropout": 0}
    result = train_mnist_network(parameters, SMALL, epochs=200, patience=3, seed=0, test=True)
    best = int(np.argmin(result["curve"]))
    assert result["epochs"] == best + 1 + 3 < 200
    assert result["loss"] == result["curve"][best]
    assert np.isfinite(result["test_loss"]) and 0 < result["test_accuracy"] <= 1


def test_the_kept_weights_are_those_of_the_best_epoch():
    parameters = PARAMETERS | {"step": 0.03, "dropout": 0}
    on_valid = Dataset("v", *(SMALL.x_train, SMALL.y_train, *[SMALL.x_valid, SMALL.y_valid] * 2))
    result = train_mnist_network(parameters, on_valid, epochs=60, patience=3, seed=0, test=True)
    assert result["test_loss"] == pytest.approx(result["loss"], rel=1e-5)
    assert result["test_accuracy"] == pytest.approx(result["accuracy"])


def test_training_is_interrupted_when_the_loss_is_above_ten():
    parameters = PARAMETERS | {"step": 50.0, "act_func_type": "elu"}
    result = train_mnist_network(parameters, SMALL, epochs=30, seed=0)
    assert result["epochs"] < 30
    assert not result["loss"] <= 10


BAD = [
    ({"n_hidden": 0}, ValueError, "n_hidden must be an integer of at least 1, got 0"),
    ({"n_hidden": 2.5}, TypeError, "n_hidden must be an integer of at least 1, got 2.5"),
    ({"n_hidden": []}, ValueError, "n_hidden must hold the units of at least one hidden layer, got []"),
    ({"activation": "swish"}, ValueError, "activation must be one of 'relu', 'prelu', "),
    ({"batch_size": True}, TypeError, "batch_size must be an integer of at least 1, got True"),
    ({"epochs": 0}, ValueError, "epochs must be an integer of at least 1, got 0"),
    ({"step": -1}, ValueError, "step must be a finite number of at least 0, got -1"),
    ({"momentum": 1}, ValueError, "momentum must be below 1, got 1"),
    ({"step": "fast"}, TypeError, "step must be a finite number of at least 0, got 'fast'"),
    ({"x_train": np.zeros(5)}, ValueError, "x_train must be a matrix with one image a row, got (5,)"),
    ({"x_train": np.full((1077, 64), np.nan)}, ValueError, "x_train must be finite, got"),
    ({"x_test": np.zeros((360, 63))}, ValueError, "x_test must be a matrix with one image a row of 64"),
    ({"y_train": np.zeros(5)}, ValueError, "y_train must hold one label for each of 1077 images, got (5,)"),
    ({"y_test": np.full(360, 10)}, ValueError, "y_test must hold the digits 0 to 9 alone, got [10]"),
]


@pytest.mark.parametrize(("change", "error", "said"), BAD)
def test_bad_input_gets_a_sentence(change, error, said):
    names = ("x_train", "x_test", "y_train", "y_test")
    arguments = {"n_hidden": 10, "epochs": 1, **dict(zip(names, DATA, strict=True)), **change}
    with pytest.raises(error) as raised:
        train_network(**arguments)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"step": None}, TypeError, "step must be a finite number of at least 0, got None"),
        ({"dropout": 1.0}, ValueError, "dropout must be below 1, got 1.0"),
        ({"batch_size": 16.5}, TypeError, "batch_size must be an integer of at least 1, got 16.5"),
        ({"layers": {"n_units_layer": []}}, ValueError, "n_units_layer must hold the units of at least one"),
        ({"layers": {"n_units_layer": [0]}}, ValueError, "n_units_layer must be an integer of at least"),
        ({"layers": {}}, ValueError, "parameters have no 'n_units_layer'"),
        ({"act_func_type": "swish"}, ValueError, "activation must be one of"),
    ],
)
def test_a_bad_configuration_gets_a_sentence(change, error, said):
    with pytest.raises(error) as raised:
        train_mnist_network(PARAMETERS | change, SMALL, epochs=1)
    assert said in str(raised.value)


def test_patience_of_nothing_is_refused():
    with pytest.raises(ValueError, match="patience must be an integer of at least 1, got 0"):
        train_mnist_network(PARAMETERS, SMALL, epochs=1, patience=0)


def test_memory_does_not_grow_from_training_to_training():
    def objects_and_megabytes_after(trainings):
        for seed in range(trainings):
            train_network(100, *DATA, epochs=1, seed=seed)
        gc.collect()
        return len(gc.get_objects()), psutil.Process().memory_info().rss / 2**20

    objects, megabytes = objects_and_megabytes_after(3)
    more_objects, more_megabytes = objects_and_megabytes_after(12)
    assert more_objects - objects < 1000  # a network and its graph are several thousand
    assert more_megabytes - megabytes < 6  # half a megabyte a training; fit leaves three


def test_a_fresh_process_gives_the_same_loss_to_the_last_bit_and_says_nothing_else():
    code = """
from hpo_helpers import Integer, MedianRule, SuccessiveHalving, minimize
from hpo_helpers.course.datasets import load_digits
from hpo_helpers.course.networks import train_network
d = load_digits()
print(train_network(60, d.x_train, d.x_valid, d.y_train, d.y_valid, epochs=5, seed=3).hex())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == train_network(60, *DATA, epochs=5, seed=3).hex()
    assert run.stderr == ""


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    import_keras.cache_clear()
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow"):
        import_keras()


# --- as generators ------------------------------------------------------------------------------


def test_the_digits_objective_yields_the_curve_of_the_same_training():
    settings = {"step": 0.05, "activation": "tanh"}
    expected = train_digits_network(12, *DATA, epochs=4, seed=3, **settings).curve
    assert tuple(digits_losses({"n_hidden": 12, **settings}, epochs=4, seed=3)) == expected
    usual = train_digits_network(12, *DATA, epochs=4, seed=0, step=0.1).curve
    assert tuple(digits_losses(12, epochs=4)) == usual
    assert tuple(digits_losses(12, SMALL, epochs=4)) != usual


def test_the_mnist_objective_yields_the_curve_of_the_same_training():
    expected = train_mnist_network(PARAMETERS, SMALL, epochs=3, seed=0)["curve"]
    assert list(mnist_losses(PARAMETERS, SMALL, epochs=3)) == expected
    wild = PARAMETERS | {"step": 50.0, "act_func_type": "elu"}
    curve = list(mnist_losses(wild, SMALL, epochs=30))
    assert curve == train_mnist_network(wild, SMALL, epochs=30, seed=0)["curve"] and len(curve) < 30


def test_a_bad_configuration_is_refused_by_the_generators():
    with pytest.raises(TypeError, match="n_hidden must be an integer"):
        next(digits_losses(2.5))
    with pytest.raises(ValueError, match="configuration must have n_hidden"):
        next(digits_losses({"step": 0.1}))
    with pytest.raises(ValueError, match="parameters have no 'layers'"):
        next(mnist_losses({}, SMALL))


def test_a_pruner_stops_hopeless_networks_and_leaves_the_others_what_they_were():
    objective = partial(digits_losses, dataset=SMALL, epochs=9)
    search = {"n_trials": 8, "seed": 0, "progress": False}
    pruned = minimize(objective, DIGITS_SPACE, pruner=SuccessiveHalving(), **search)
    assert {trial.state for trial in pruned} == {"finished", "pruned"}
    for trial in pruned:
        rest = list(objective(trial.configuration))
        assert trial.curve == rest[: len(trial.curve)] and len(rest) == 9
        assert trial.state == "pruned" or trial.loss == min(rest)


def test_memory_does_not_grow_where_trainings_are_cut_short():
    def objects_after(trainings):
        for seed in range(trainings):
            losses = digits_losses(100, epochs=5, seed=seed)
            next(losses)
            losses.close()
        gc.collect()
        return len(gc.get_objects())

    objects = objects_after(3)
    assert objects_after(8) - objects < 1000  # a network and its graph are several thousand


def test_fit_an_epoch_at_a_time_is_fit():
    """The recipe for a Keras model: the optimizer goes on where the epoch before left it."""
    whole, piecewise = (build_network(64, [8], rng=np.random.default_rng(0)) for _ in range(2))
    for model in (whole, piecewise):
        with_keras_loss(model, keras.optimizers.SGD(0.05, momentum=0.9))
    settings = {"batch_size": 128, "shuffle": False, "verbose": 0}
    expected = whole.fit(*TRAIN, validation_data=VALID, epochs=4, **settings).history["val_loss"]

    def objective(_):
        for k in range(4):
            history = piecewise.fit(*TRAIN, validation_data=VALID, initial_epoch=k, epochs=k + 1, **settings)
            yield history.history["val_loss"][0]

    pruner, space = MedianRule(), {"units": Integer(8, 9)}
    (trial,) = minimize(objective, space, n_trials=1, pruner=pruner, progress=False)
    np.testing.assert_allclose(trial.curve, expected, rtol=1e-6)

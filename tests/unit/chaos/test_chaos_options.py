"""Wrong use is refused before anything starts."""

import pytest

from deploy.chaos.run import ChaosOptions, chaos
from shared.language import Language

EN = Language.EN


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ChaosOptions(seconds=0, language=EN), "--seconds is above 0"),
        (ChaosOptions(rate=0, language=EN), "--rate at least 1"),
        (ChaosOptions(reports=-1, language=EN), "not below 0"),
        (ChaosOptions(kinds=("earthquake",), language=EN), "kafka_kill"),
        (ChaosOptions(programs=("delivery=true",), language=EN), "SERVICE=COMMAND"),
        (ChaosOptions(programs=("aggregator",), language=EN), "SERVICE=COMMAND"),
        (ChaosOptions(seconds=0), "--seconds är större än 0"),
    ],
)
def test_wrong_use_is_refused(
    options: ChaosOptions, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chaos(options) == 2
    written = capsys.readouterr()
    assert said in written.err
    assert written.out == ""

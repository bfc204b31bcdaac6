from deploy.embedded.ready import Ready
from shared.api_keys import ApiKeys


def test_the_ready_line_has_the_promised_keys() -> None:
    ready = Ready(
        ingest="http://127.0.0.1:8420",
        delivery="http://127.0.0.1:8423",
        kafka="127.0.0.1:8492",
        postgres="postgresql://owner:word@127.0.0.1:8432/lagesbild",
        keys=ApiKeys({"fire": {"report": "lb_1", "read": "lb_2"}}, "lb_3"),
        metrics={"ingest": "http://127.0.0.1:8420/metrics"},
        pids={"kafka": None, "postgres": 7, "ingest": 8},
        folder="/srv/lagesbild",
    )

    assert ready.as_json() == {
        "ready": True,
        "ingest": "http://127.0.0.1:8420",
        "delivery": "http://127.0.0.1:8423",
        "kafka": "127.0.0.1:8492",
        "postgres": "postgresql://owner:word@127.0.0.1:8432/lagesbild",
        "keys": {"fire": {"report": "lb_1", "read": "lb_2"}, "owner": "lb_3"},
        "metrics": {"ingest": "http://127.0.0.1:8420/metrics"},
        "pids": {"kafka": None, "postgres": 7, "ingest": 8},
        "data": "/srv/lagesbild",
    }
    assert "word" not in repr(ready)
    assert "lb_" not in repr(ready)

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded.kafka import JVM, KafkaServer, _as_property
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.unprivileged import Runner


def a_postgres() -> PostgresServer:
    return PostgresServer(
        folder=Path("/srv/postgres"),
        runner=Runner(programs=Path("/opt/bin"), before=("unshare", "--user", "--")),
        port=8432,
        owner_password="a/b @:c",
    )


@given(st.text())
def test_a_folder_of_any_name_survives_a_properties_file(text: str) -> None:
    """Java reads the file as Latin-1 and undoes these escapes; so does Python."""
    written = _as_property(text.encode("utf-8", "ignore").decode())

    assert written.isascii()
    undone = written.encode().decode("unicode_escape")
    kept = text.encode("utf-8", "ignore").decode()
    assert undone.encode("utf-16", "surrogatepass").decode("utf-16") == kept


def test_kafka_is_bounded_in_memory_and_works_in_its_own_folder() -> None:
    server = KafkaServer(
        folder=Path("/srv/kafka"),
        jars=[Path("/a.jar"), Path("/b.jar")],
        port=1,
        controller_port=2,
        java=["-Xmx700m"],
    )
    program = server.program()

    assert "-Xmx512m" in JVM
    assert set(JVM) <= set(program.command)
    last = program.command.index("kafka.Kafka")
    assert program.command[last - 1] == "-Xmx700m"  # the last one holds
    assert "/a.jar:/b.jar" in program.command
    assert program.folder == Path("/srv/kafka")
    assert (server.bootstrap, program.port) == ("127.0.0.1:1", 1)


def test_postgresql_gives_nothing_up_for_speed() -> None:
    command = a_postgres().program().command

    assert {"--fsync=on", "--synchronous_commit=on", "--full_page_writes=on"} <= set(command)
    assert {"--listen_addresses=127.0.0.1", "--unix_socket_directories="} <= set(command)
    assert command[:4] == ("unshare", "--user", "--", "/opt/bin/postgres")


def test_postgresql_logs_no_row() -> None:
    command = a_postgres().program().command

    assert {"--log_error_verbosity=terse", "--log_min_error_statement=panic"} <= set(command)


def test_the_owners_password_stands_in_no_command_line_and_no_repr() -> None:
    server = a_postgres()

    assert server.dsn == "postgresql://lagesbild_owner:a%2Fb%20%40%3Ac@127.0.0.1:8432/lagesbild"
    assert "a/b" not in " ".join(server.program().command)
    assert "a/b" not in repr(server)

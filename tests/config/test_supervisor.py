import socket

from config.supervisor import free_port


def test_two_at_once_never_choose_one_port() -> None:
    with free_port("127.0.0.1") as first, free_port("127.0.0.1") as second:
        assert first != second


def test_a_port_that_somebody_listens_on_is_left_alone() -> None:
    with free_port("127.0.0.1") as port, socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with free_port("127.0.0.1") as found:
            assert found != port


def test_a_port_is_free_again_afterwards() -> None:
    with free_port("127.0.0.1") as port:
        pass
    with free_port("127.0.0.1") as again:
        assert again == port

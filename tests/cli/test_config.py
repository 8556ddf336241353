"""Settings: read once, from flags and environment, refused with a sentence that does not tell secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.config import (
    DESCRIPTIONS,
    BadSetting,
    Settings,
    exported,
    read_settings,
    unknown_variables,
    without_password,
)


def test_without_a_word_every_setting_has_its_default() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"DEALWRIGHT_PORT": ""}) == Settings()


def test_a_flag_wins_over_the_environment() -> None:
    environment = {"DEALWRIGHT_PORT": "9000", "DEALWRIGHT_HOST": "0.0.0.0"}
    settings = read_settings(environment, port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "0.0.0.0")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "whole number from 0 to 65535"),
        ("PORT", "65536", "whole number from 0 to 65535"),
        ("PORT", "-1", "whole number from 0 to 65535"),
        ("DATABASE_URL", "mysql://x", "sqlite:/// or postgresql://"),
        ("DATABASE_URL", "sqlite://x", "sqlite:/// or postgresql://"),
        ("PUBLIC_URL", "example.com", "http:// or https://"),
        ("PUBLIC_URL", "https://example.com/?a=b", "http:// or https://"),
        ("LOG_FORMAT", "xml", "auto or json or text"),
        ("ACCESS_LOG", "perhaps", "on or off"),
        ("ONLYOFFICE_NAMES", "pascal", "camel or documented"),
        ("CURRENCY", "Euro", "three capital letters"),
        ("MAIL_TRANSPORT", "pigeon", "none, file:folder or smtp://"),
        ("BODY_LIMIT", "1e6", "whole number"),
        ("WORKERS", "0", "1 to 64"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_by_name(name: str, value: str, words: str) -> None:
    with pytest.raises(BadSetting, match=f"DEALWRIGHT_{name} ") as caught:
        read_settings({f"DEALWRIGHT_{name}": value})
    assert words in str(caught.value)


def test_no_refusal_tells_a_password() -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({"DEALWRIGHT_MAIL_TRANSPORT": "smpt://me:hunter2@host"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"WORKERS": "2"},
        {"TLS_CERT": "cert.pem"},
        {"TLS_KEY": "key.pem"},
        {"ADMIN_EMAIL": "a@example.com"},
        {"ADMIN_PASSWORD": "Correct-Horse-9-Battery"},
    ],
)
def test_settings_that_do_not_fit_together_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadSetting):
        read_settings({f"DEALWRIGHT_{name}": value for name, value in given.items()})


def test_several_workers_are_fine_on_postgresql() -> None:
    settings = read_settings({"DEALWRIGHT_DATABASE_URL": "postgres://me@host/deals", "DEALWRIGHT_WORKERS": "4"})
    assert settings.workers == 4
    assert settings.database_url == "postgresql://me@host/deals"


@given(
    port=st.integers(0, 65_535),
    access_log=st.booleans(),
    body_limit=st.integers(1024, 1 << 30),
    level=st.sampled_from(["debug", "info", "warning", "error"]),
    host=st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "deals.example"]),
)
def test_what_is_exported_is_read_back_as_it_was(
    port: int, access_log: bool, body_limit: int, level: str, host: str
) -> None:
    settings = Settings(port=port, access_log=access_log, body_limit=body_limit, log_level=level, host=host)
    assert read_settings(exported(settings)) == settings


def test_the_first_account_is_not_handed_to_workers() -> None:
    settings = Settings(admin_email="a@example.com", admin_password="Correct-Horse-9-Battery")
    assert exported(settings) == {}


def test_a_misspelt_variable_is_noticed_and_a_foreign_one_is_not() -> None:
    environment = {"DEALWRIGHT_PROT": "1", "DEALWRIGHT_PORT": "1", "DEALWRIGHT_TEST_POSTGRES_URL": "x", "HOME": "/"}
    assert unknown_variables(environment) == ["DEALWRIGHT_PROT"]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(each.says and each.kind for each in DESCRIPTIONS)
    assert {each.name for each in DESCRIPTIONS} == set(Settings.__slots__)
    secret = {"database_url", "files", "admin_password", "mail_transport"}
    assert {each.name for each in DESCRIPTIONS if each.secret} == secret


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("sqlite:///deals.db", "sqlite:///deals.db"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Settings(), "http://127.0.0.1:8000"),
        (Settings(host="0.0.0.0", port=80), "http://127.0.0.1:80"),
        (Settings(host="::1"), "http://[::1]:8000"),
        (Settings(public_url="https://deals.example/"), "https://deals.example"),
        (Settings(tls_cert="c", tls_key="k"), "https://127.0.0.1:8000"),
    ],
)
def test_links_start_with_the_public_address_or_with_ours(settings: Settings, address: str) -> None:
    assert settings.address == address

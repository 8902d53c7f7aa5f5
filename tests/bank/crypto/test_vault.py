"""Keys are found, made once and never shown; what they encrypt and seal cannot be changed unnoticed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from bank.crypto.master_key import KEY_FILE, MasterKey, derive
from bank.crypto.vault import Vault
from bank.errors import KeyProblem, Tampered
from testing.some import some
from tests import needs

ROOT = needs.ROOT
SECRET = hashlib.sha256(b"a test's key").digest()
HEX = SECRET.hex()
BOUND = {"purpose": "face", "owner": "anna", "record": "1"}


@pytest.fixture(scope="module")
def vault():
    return Vault(hashlib.sha256(b"data").digest(), hashlib.sha256(b"audit").digest())


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.upper(),
        f"  {HEX}\n",
        base64.b64encode(SECRET).decode(),
        base64.b64encode(SECRET).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET).decode(),
        base64.urlsafe_b64encode(SECRET).decode().rstrip("="),
    ],
)
def test_a_key_may_be_given_in_hexadecimal_or_either_base64(tmp_path, text):
    key = MasterKey.load(tmp_path, {"LENSLOCK_KEY": text})
    assert key.id == MasterKey(SECRET).id
    assert list(tmp_path.iterdir()) == []


def test_both_alphabets_of_base64_are_read(tmp_path):
    secret = bytes.fromhex("fbeffe") * 10 + b"\x01\x02"
    secret = bytes(range(220, 230)) + secret[:22]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(secret).decode()
        assert set(text) & set("+/-_")
        assert MasterKey.parse(text, "LENSLOCK_KEY").id == MasterKey(secret).id


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "correct horse",
        HEX[:-1],
        HEX + "0",
        HEX[:-1] + "g",
        base64.b64encode(SECRET[:-1]).decode(),
        HEX + HEX,
        "é" * 64,
    ],
)
def test_a_malformed_key_is_refused_and_not_shown(tmp_path, text):
    with pytest.raises(KeyProblem, match=r"LENSLOCK_KEY.*64 hexadecimal digits") as caught:
        MasterKey.load(tmp_path, {"LENSLOCK_KEY": text})
    assert not text.strip() or text not in str(caught.value)
    assert list(tmp_path.iterdir()) == []  # no other key is used instead


@given(st.text().map("Ω".__add__))
def test_no_malformed_key_is_taken_or_shown(text):
    assume(len(text.strip()) not in (43, 44, 64))
    with pytest.raises(KeyProblem) as caught:
        MasterKey.parse(text, "LENSLOCK_KEY")
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", ["00" * 32, "ff" * 32, "01020304" * 8, "A" * 43])
def test_a_key_that_nobody_drew_at_random_is_refused(text):
    with pytest.raises(KeyProblem, match="no random key"):
        MasterKey.parse(text, "LENSLOCK_KEY")


def test_a_key_has_32_bytes():
    with pytest.raises(KeyProblem, match="31 bytes: expected 32"):
        MasterKey(SECRET[:31])


def test_the_first_start_makes_a_key_file_for_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        key = MasterKey.load(tmp_path, {})
    finally:
        os.umask(before)
    path = tmp_path / KEY_FILE
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.source == str(path)
    assert MasterKey.load(tmp_path, {}).id == key.id == MasterKey.parse(path.read_text(), "file").id


def test_two_key_files_hold_different_keys(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    assert MasterKey.load(folders[0], {}).id != MasterKey.load(folders[1], {}).id


def test_a_missing_key_is_told_where_none_may_be_made(tmp_path):
    with pytest.raises(KeyProblem, match=f"LENSLOCK_KEY is not set and {tmp_path / KEY_FILE} is missing"):
        MasterKey.load(tmp_path, {}, make=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601, 0o666])
def test_a_key_file_that_others_can_reach_is_refused(tmp_path, mode):
    MasterKey.load(tmp_path, {})
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(KeyProblem, match="chmod 600"):
        MasterKey.load(tmp_path, {})


def test_every_flipped_bit_of_the_key_file_is_damage_or_another_key(tmp_path):
    key = MasterKey.load(tmp_path, {})
    path = tmp_path / KEY_FILE
    content = path.read_bytes()
    other_keys = 0
    for bit in range(8 * len(content)):
        path.write_bytes(flipped(content, bit))
        if re.fullmatch(b"[0-9a-f]{64}\n", path.read_bytes()):
            assert MasterKey.load(tmp_path, {}).id != key.id
            other_keys += 1
        else:
            with pytest.raises(KeyProblem, match=f"{path} is damaged") as caught:
                MasterKey.load(tmp_path, {})
            assert content.decode().strip() not in str(caught.value)
    assert 0 < other_keys < 4 * len(content)


@pytest.mark.parametrize("content", [b"", b"\n", HEX.encode(), HEX.encode() + b"\n\n", HEX.encode() + b"\r\n", SECRET])
def test_a_damaged_key_file_is_told_and_kept(tmp_path, content):
    path = tmp_path / KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyProblem, match="is damaged"):
        MasterKey.load(tmp_path, {})
    assert path.read_bytes() == content


def test_what_is_no_file_is_told(tmp_path):
    (tmp_path / KEY_FILE).mkdir(mode=0o700)
    with pytest.raises(KeyProblem, match="cannot be read"):
        MasterKey.load(tmp_path, {})


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(KeyProblem, match="cannot be made"):
        MasterKey.load(tmp_path / "nowhere", {})


def test_a_crash_while_the_key_is_made_leaves_no_key(tmp_path, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        MasterKey.load(tmp_path, {})
    assert not (tmp_path / KEY_FILE).exists()


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    made = "MasterKey.load(sys.argv[1], {}).id.hex()"
    code = f"import sys; from bank.crypto.master_key import MasterKey; input(); print({made})"
    command = [sys.executable, "-c", code, tmp_path]
    starters = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    for starter in starters:
        stdin = some(starter.stdin)
        stdin.write("\n")
        stdin.flush()
    ids = [starter.communicate()[0].strip() for starter in starters]
    assert set(ids) == {MasterKey.load(tmp_path, {}).id.hex()}
    assert list(tmp_path.iterdir()) == [tmp_path / KEY_FILE]


def test_who_comes_second_takes_the_key_of_the_first(tmp_path, monkeypatch):
    link = os.link

    def late(source, target):
        MasterKey(SECRET).write(target)
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert MasterKey.load(tmp_path, {}).id == MasterKey(SECRET).id


def test_no_repr_shows_a_secret(vault, tmp_path):
    key = MasterKey(SECRET)
    for shown in (repr(key), str(key), f"{[key]}", repr(vault), str(vault)):
        assert "hidden" in shown
        assert HEX not in shown
        assert repr(SECRET)[2:-1] not in shown
    assert key.id not in SECRET


def test_keys_are_derived_by_hkdf_with_sha256():
    # RFC 5869 written out: extract with 32 zero bytes as salt, expand by one block.
    extracted = hmac.digest(bytes(32), SECRET, "sha256")
    assert derive(SECRET, "records") == hmac.digest(extracted, b"lenslock 1 records\x01", "sha256")
    assert derive(SECRET, "records") != derive(SECRET, "seals")


@given(st.binary(max_size=300), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_what_is_encrypted_comes_back(data, purpose, owner, record):
    vault = Vault.new()
    bound = {"purpose": purpose, "owner": owner, "record": record}
    assert vault.decrypt(vault.encrypt(data, **bound), **bound) == data


def test_a_record_is_aes_256_gcm_as_documented(vault):
    blob = vault.encrypt(b"a face", **BOUND)
    head, nonce, sealed = blob[:9], blob[9:21], blob[21:]
    key = derive(hashlib.sha256(b"data").digest(), "records")
    bound = head + json.dumps(["face", "anna", "1"]).encode()
    assert len(key) == 32
    assert head[0] == 1
    assert len(sealed) == len(b"a face") + 16
    assert AESGCM(key).decrypt(nonce, sealed, bound) == b"a face"


def test_the_same_record_is_never_encrypted_alike(vault):
    blobs = {vault.encrypt(b"a face", **BOUND) for _ in range(100)}
    assert len({blob[9:21] for blob in blobs}) == len({blob[21:] for blob in blobs}) == 100


@pytest.mark.parametrize("other", [{"purpose": "camera"}, {"owner": "ben"}, {"record": "2"}])
def test_a_record_is_bound_to_its_purpose_owner_and_row(vault, other):
    blob = vault.encrypt(b"a face", **BOUND)
    with pytest.raises(Tampered) as caught:
        vault.decrypt(blob, **(BOUND | other))
    assert (caught.value.table, caught.value.row) == ((BOUND | other)["purpose"], (BOUND | other)["record"])


@given(st.tuples(*[st.text(min_size=1)] * 3), st.tuples(*[st.text(min_size=1)] * 3))
def test_no_two_bindings_are_spelt_alike(vault, one, two):
    assume(one != two)
    names = ("purpose", "owner", "record")
    blob = vault.encrypt(b"a face", **dict(zip(names, one, strict=True)))
    with pytest.raises(Tampered):
        vault.decrypt(blob, **dict(zip(names, two, strict=True)))


def test_bindings_that_read_alike_when_joined_are_not_alike(vault):
    blob = vault.encrypt(b"a face", purpose="face", owner='a","b', record="c")
    with pytest.raises(Tampered):
        vault.decrypt(blob, purpose="face", owner="a", record='b","c')


@pytest.mark.parametrize("name", BOUND)
def test_a_record_bound_to_nothing_is_not_made(vault, name):
    for nothing in ("", None):
        with pytest.raises(ValueError, match="bound to its purpose, owner and id"):
            vault.encrypt(b"a face", **(BOUND | {name: nothing}))


@given(st.binary(max_size=100), st.data())
def test_one_flipped_bit_anywhere_in_a_record_is_found(vault, content, data):
    blob = vault.encrypt(content, **BOUND)
    bit = data.draw(st.integers(0, 8 * len(blob) - 1))
    with pytest.raises(Tampered, match="face 1"):
        vault.decrypt(flipped(blob, bit), **BOUND)


@given(st.binary(max_size=60), st.data())
def test_a_record_that_was_cut_or_continued_is_found(vault, content, data):
    blob = vault.encrypt(content, **BOUND)
    cut = data.draw(st.integers(0, len(blob) - 1))
    for changed in (blob[:cut], blob[cut + 1 :], blob + b"\0", b"\0" + blob, blob + blob):
        with pytest.raises(Tampered):
            vault.decrypt(changed, **BOUND)


def test_another_vaults_record_is_not_decrypted(vault):
    with pytest.raises(Tampered):
        vault.decrypt(Vault.new().encrypt(b"a face", **BOUND), **BOUND)


def test_the_inner_keys_come_back_with_the_master_key(vault):
    key = MasterKey(SECRET)
    again = Vault.unwrap(vault.wrap(key), key)
    assert again.decrypt(vault.encrypt(b"a face", **BOUND), **BOUND) == b"a face"
    assert again.seal(b"row") == vault.seal(b"row")
    assert again.audit_digest(b"", b"entry") == vault.audit_digest(b"", b"entry")
    assert again.pseudonym("address", "::1") == vault.pseudonym("address", "::1")
    assert vault.wrap(key) != vault.wrap(key)


def test_every_flipped_bit_of_the_wrapped_keys_is_found(vault):
    key = MasterKey(SECRET)
    wrapped = vault.wrap(key)
    for bit in range(8 * len(wrapped)):
        with pytest.raises(Tampered, match="vault 1"):
            Vault.unwrap(flipped(wrapped, bit), key)
    for changed in (wrapped[:-1], wrapped + b"\0", b"", None, "text"):
        with pytest.raises(Tampered, match="vault 1"):
            Vault.unwrap(changed, key)


def test_another_master_key_opens_nothing(vault):
    assert Vault.opens(vault.wrap(MasterKey(SECRET)), MasterKey(SECRET))
    assert not Vault.opens(vault.wrap(MasterKey(SECRET)), MasterKey.new())


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_seal_fits_what_it_was_made_over_and_nothing_else(vault, content, other):
    seal = vault.seal(content)
    assert len(seal) == 32
    assert vault.check_seal(content, seal)
    assert vault.check_seal(other, seal) == (other == content)
    assert not Vault.new().check_seal(content, seal)


@pytest.mark.parametrize("seal", [b"", b"short", None, "text", 5])
def test_what_is_no_seal_fits_nothing(vault, seal):
    assert not vault.check_seal(b"row", seal)


def test_an_audit_digest_depends_on_the_one_before_and_on_where_the_entry_begins(vault):
    digests = {vault.audit_digest(*pair) for pair in [(b"", b"ab"), (b"a", b"b"), (b"ab", b""), (b"b", b"a")]}
    assert len(digests) == 4
    assert {len(digest) for digest in digests} == {32}


def test_a_pseudonym_tells_nothing_and_stays_the_same(vault):
    name = vault.pseudonym("address", "192.0.2.1")
    assert len(bytes.fromhex(name)) == 16
    assert name == vault.pseudonym("address", "192.0.2.1")
    others = [("address", "192.0.2.2"), ("device", "192.0.2.1"), ("addres", "s192.0.2.1")]
    assert name not in {vault.pseudonym(*other) for other in others}
    assert name != Vault.new().pseudonym("address", "192.0.2.1")
    assert vault.pseudonym("address", "") == ""


def test_a_following_vault_has_a_new_data_key_and_the_same_audit_key(vault):
    following = vault.following()
    with pytest.raises(Tampered):
        following.decrypt(vault.encrypt(b"a face", **BOUND), **BOUND)
    assert not following.check_seal(b"row", vault.seal(b"row"))
    assert following.audit_digest(b"", b"entry") == vault.audit_digest(b"", b"entry")
    assert following.pseudonym("address", "::1") == vault.pseudonym("address", "::1")

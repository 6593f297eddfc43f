"""Plants a secret of every kind in throwaway repositories and asks whether `scan` sees it: in a file, in a commit that a
later one took back, and not in what git ignores. The secrets are made here and now, so the project holds none."""

import base64
import json
import os
import pathlib
import random
import string
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LETTERS = string.ascii_letters + string.digits
# The same ones each time: a test that fails one time in a thousand tells nothing.
CHANCE = random.Random(20261122)


def word(length, letters=LETTERS):
    return "".join(CHANCE.choice(letters) for _ in range(length))


def json_part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(claims):
    return ".".join([json_part({"alg": "HS256", "typ": "JWT"}), json_part(claims), word(43)])


def pem(label):
    body = base64.b64encode(CHANCE.randbytes(138)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def jwk():
    part = lambda: base64.urlsafe_b64encode(CHANCE.randbytes(32)).decode().rstrip("=")
    return json.dumps({"kty": "EC", "crv": "P-256", "x": part(), "y": part(), "d": part()})


def hexadecimal(length):
    return CHANCE.randbytes(length).hex()


def encryption_key(name):
    return name + ":" + base64.b64encode(CHANCE.randbytes(32)).decode()


# kind → (file, text). Names and prefixes are put together here, so that this file does not look like what it makes.
def kinds():
    variable = lambda *parts: "_".join(parts)
    return {
        "Supabase secret key": ("a.rs", f'const KEY: &str = "{"sb_" + "secret_" + word(22) + "_" + word(8)}";'),
        "Supabase secret key in an .env file": ("deploy.env", f'{variable("SUPABASE", "SECRET", "KEY")}={"sb_" + "secret_" + word(31)}'),
        "legacy Supabase service key": (
            "b.ts",
            f'createClient(url, "{token({"iss": "supabase", "ref": word(20, string.ascii_lowercase), "role": "service_role", "iat": 1, "exp": 2})}")',
        ),
        "legacy Supabase JWT secret": ("c.yml", f'{variable("SUPABASE", "JWT", "SECRET")}: "{word(40)}"'),
        "access token of a user": ("d.md", f'curl -H "Authorization: Bearer {token({"sub": word(36), "aud": "authenticated", "exp": 2})}"'),
        "Google client secret": ("e.json", json.dumps({"web": {"client_secret": "GOC" + "SPX-" + word(28)}})),
        "Google refresh token": ("f.sql", f"select '{'1/' + '/0' + word(60)}';"),
        "Google access token": ("g.txt", f'access {"ya" + "29." + word(120)}'),
        "Gemini key": ("h.rs", f'let key = "{"AI" + "za" + word(35)}";'),
        "Gemini key of the newer form": ("i.py", f'key = "{"A" + "Q." + "Ab8" + word(45)}"'),
        "RevID key": ("j.env", f'{variable("REVID", "API", "KEY")}={word(40)}'),
        "RevID key in JSON": ("k.json", json.dumps({variable("REVID", "API", "KEY"): word(32)})),
        "RevID key set by a shell": ("l.sh", f'export {variable("REVID", "API", "KEY")}="{word(36)}"'),
        "cron secret": ("m.env", f'{variable("CRON", "SECRET")}={hexadecimal(32)}'),
        "cron secret in a call": ("n.md", f'curl -XPOST -H "authorization: Bearer {hexadecimal(32)}" https://app/api/cron/dispatch'),
        "encryption keys": ("o.env", f'{variable("TOKEN", "ENCRYPTION", "KEYS")}={encryption_key("k2")},{encryption_key("k1")}'),
        "an encryption key in code": ("p.rs", f'let keys = "{encryption_key("2026-11")}";'),
        "EC private key": ("q.pem", pem("EC PRIVATE " + "KEY")),
        "PKCS 8 private key": ("r.txt", pem("PRIVATE " + "KEY")),
        "RSA private key": ("s.key", pem("RSA PRIVATE " + "KEY")),
        "private JSON Web Key": ("t.json", jwk()),
        "database address with its password": ("u.env", f'DATABASE_URL={"postgres" + "ql://postgres:" + word(24)}@db.{word(20, string.ascii_lowercase)}.supabase.co:5432/postgres'),
        "Slack webhook": (
            "v.env",
            f'{variable("SLACK", "WEBHOOK", "URL")}=https://hooks.slack.com/services/T{word(10, string.ascii_uppercase)}/B{word(10, string.ascii_uppercase)}/{word(24)}',
        ),
        "Vercel token": ("w.env", f'{variable("VERCEL", "TOKEN")}={word(24)}'),
    }


class Repository:
    def __init__(self, test):
        folder = tempfile.TemporaryDirectory(prefix="planted-")
        test.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.write("README.md", "Nothing to see.")
        self.commit()

    def git(self, *arguments):
        environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            environment.pop(name, None)
        subprocess.run(
            ["git", "-c", "user.name=Test", "-c", "user.email=test@example.net", *arguments],
            cwd=self.path, env=environment, check=True, capture_output=True,
        )

    def write(self, name, text):
        (self.path / name).write_text(text + "\n")

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def scan(self):
        return subprocess.run([HERE / "scan", self.path], capture_output=True, text=True)


class Planted(unittest.TestCase):
    def expect(self, result, names):
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for kind, name, text in names:
            with self.subTest(kind):
                self.assertTrue(any(line.startswith(f"{name}:") for line in result.stdout.splitlines()), f"{kind} was not noticed")
                longest = max(text.replace('"', " ").replace("=", " ").split(), key=len)
                self.assertFalse(longest in result.stdout + result.stderr, f"{kind} is printed in full")

    def test_each_kind_is_seen_in_a_file_that_is_not_committed(self):
        repository = Repository(self)
        planted = [(kind, name, text) for kind, (name, text) in kinds().items()]
        for _, name, text in planted:
            repository.write(name, text)
        self.expect(repository.scan(), planted)

    def test_each_kind_is_seen_in_a_commit_that_was_taken_back(self):
        repository = Repository(self)
        planted = [(kind, name, text) for kind, (name, text) in kinds().items()]
        for _, name, text in planted:
            repository.write(name, text)
        repository.commit()
        for _, name, _ in planted:
            (repository.path / name).unlink()
        repository.commit()
        self.expect(repository.scan(), planted)

    def test_what_git_ignores_and_what_is_no_secret_is_left_alone(self):
        repository = Repository(self)
        repository.write(".gitignore", ".env\n/target")
        repository.write(".env", "\n".join(text for _, text in kinds().values()))
        (repository.path / "target").mkdir()
        repository.write("target/out.json", jwk())
        for name in [".env.example", "README.md", "SECURITY.md", "ARCHITECTURE.md"]:
            repository.write(name, (HERE.parent.parent / name).read_text())
        repository.write(
            "shapes.md",
            "\n".join(
                [
                    "REVID_API_KEY=your-key-here",
                    "CRON_SECRET=${CRON_SECRET}",
                    'CRON_SECRET: ${{ secrets.CRON_SECRET }}',
                    "TOKEN_ENCRYPTION_KEYS=k1:$(openssl rand -base64 32)",
                    "sb_secret_… and sb_publishable_" + word(31),
                    "sha256 " + hexadecimal(32),
                    '{"kty":"EC","crv":"P-256","x":"' + word(43) + '","y":"' + word(43) + '"}',
                ]
            ),
        )
        repository.commit()
        result = repository.scan()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_folder_that_is_no_repository_is_searched_all_the_same(self):
        with tempfile.TemporaryDirectory(prefix="planted-") as folder:
            kind = "Gemini key"
            name, text = kinds()[kind]
            (pathlib.Path(folder) / name).write_text(text)
            result = subprocess.run([HERE / "scan", folder], capture_output=True, text=True)
            self.expect(result, [(kind, name, text)])


if __name__ == "__main__":
    unittest.main()

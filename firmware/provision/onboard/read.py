"""The text of a file."""


def main(path: str) -> str:
    with open(path) as file:
        text: str = file.read()
        return text

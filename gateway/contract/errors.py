"""The contract's one error."""


class ContractError(ValueError):
    """A topic or message that breaks the contract.

    `reason` is a short fixed word for counters; the text names topic and field.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason

"""What a test reports when a machine did not do what was awaited: always with everything the machine said."""


class BootFailure(AssertionError):
    def __init__(self, what, machine):
        super().__init__(f"{what}\n{machine.report()}")

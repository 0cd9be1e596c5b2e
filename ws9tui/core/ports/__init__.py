"""The core's interfaces to the outside world: the engine, the registries behind it, Compose and other programs.

`engine` (with its `data`), `registries`, `compose`, `programs`, `releases`. The real implementations are in
:mod:`ws9tui.adapters`; the simulated ones implement the same protocols and are held to the real ones by a contract
test. Every call is bounded in time by its adapter. Calls of the engine, of registries and of Compose raise
`EngineError`, `RegistryError` and `ComposeError`; those of `programs` raise nothing; those of `releases`, `Refused`.
"""

from ws9tui.core.ports.compose import Compose
from ws9tui.core.ports.data import DataAccess, Definitions
from ws9tui.core.ports.engine import Engine, Needs
from ws9tui.core.ports.programs import Programs
from ws9tui.core.ports.registries import Registries
from ws9tui.core.ports.releases import Releases

__all__ = [
    "Compose",
    "DataAccess",
    "Definitions",
    "Engine",
    "Needs",
    "Programs",
    "Registries",
    "Releases",
]

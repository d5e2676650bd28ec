"""What a supervisor is to run, and its parts made from that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from deploy.artifacts import ArtifactStore
from deploy.config import DeployConfig
from deploy.elasticsearch import Elasticsearch
from deploy.kafka import Kafka
from deploy.progress import shown
from deploy.service import Service
from deploy.state import Addresses
from deploy.units import EngineUnit, ServiceUnit


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``engines``: which of ours to start ("kafka", "elasticsearch"); others live elsewhere.

    ``addresses`` is shown by ``status``; those of our own engines are filled in. ``before_services`` runs once when
    the engines serve (topics, templates).
    """

    config: DeployConfig
    services: Sequence[Service] = ()
    addresses: Addresses = field(default_factory=Addresses)
    engines: Sequence[str] = ("kafka", "elasticsearch")
    before_services: Callable[[], None] | None = None


def engine_units(plan: Plan) -> list[EngineUnit]:
    """The engines of the plan, not started."""
    config, store = plan.config, ArtifactStore(plan.config.artifacts, shown)
    die = config.die_with_parent
    units = []
    if "elasticsearch" in plan.engines:  # first, since it takes longest
        elastic = Elasticsearch(config.data_dir / "elasticsearch", config.elasticsearch, store, die_with_parent=die)
        units.append(EngineUnit(elastic, "elasticsearch", config.elasticsearch.nice))
    if "kafka" in plan.engines:
        kafka = Kafka(config.data_dir / "kafka", config.kafka, store, die_with_parent=die)
        units.append(EngineUnit(kafka, "kafka"))
    return units


def service_unit(plan: Plan, service: Service) -> ServiceUnit:
    """A service with its log in the data directory."""
    log = plan.config.data_dir / "logs" / f"{service.name}.log"
    return ServiceUnit(service, log, die_with_parent=plan.config.die_with_parent)


def with_engines(addresses: Addresses, engines: Sequence[EngineUnit]) -> Addresses:
    """The addresses with those of our own engines filled in."""
    return replace(addresses, **{unit.role: unit.engine.address for unit in engines})

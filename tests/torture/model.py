"""model: what a daemon does with services and clients, as little of it as predicts its counters and states. No daemon
is asked here; walk.py does the same things to one and compares."""

from dataclasses import dataclass, field

DENIED_SOURCE = 3


@dataclass(frozen=True)
class Wish:
    """What a section asks for."""
    place: int      # where it listens
    kind: str       # exec: cat for each connection; echo: the built-in; wait: take_one; unix: cat
    instances: int
    per_source: int
    refuse: bool    # overload = refuse
    denies: bool    # DENIED_SOURCE
    spare: int = 0  # programs that stand ready


@dataclass(eq=False)
class Client:
    """A connection."""
    source: int             # a number for an address, 0 for the user of unix clients
    state: str = "waits"    # in the queue; then "runs", and at last "closed"
    kind: str = ""          # of the service when it was started
    retired: bool = False   # served by a worker that an upgrade has retired


@dataclass(eq=False)
class Service:
    """One that the daemon lists."""
    label: str
    wish: Wish
    enabled: bool = True
    kept: bool = False
    started: int = 0
    ended: int = 0
    refused: int = 0
    warm: int = 0           # started of those that stood ready, at least
    doubtful: bool = False  # one of those that stood ready has died: there are fewer for a while
    runs: list = field(default_factory=list)

    def is_full(self):
        """As many run as may."""
        return len(self.runs) >= self.wish.instances

    def is_denied(self, client):
        """By its address."""
        return self.wish.kind in ("exec", "echo") and self.wish.denies and client.source == DENIED_SOURCE

    def is_over(self, client):
        """As many of its source run as may; of a wait service nobody is asked for."""
        of_source = sum(client.source == other.source for other in self.runs)
        return self.wish.kind != "wait" and of_source >= self.wish.per_source

    def waits_for_room(self):
        """Those in the queue stay there for now."""
        return self.is_full() and (self.wish.kind == "wait" or not self.wish.refuse)

    def serve(self, queue):
        """Takes from the queue of its socket, in order, what can be taken."""
        while queue and not self.waits_for_room():
            client = queue.pop(0)
            if self.is_denied(client) or self.is_full() or self.is_over(client):
                self.refused += 1
                client.state = "closed"
                continue
            self.started += 1
            client.state, client.kind = "runs", self.wish.kind
            self.runs.append(client)
            if self.wish.kind == "wait": # says "ok", and ends
                self.end(client)

    def end(self, client):
        """Its program or session has ended."""
        self.runs.remove(client)
        self.ended += 1
        client.state = "closed"

    def spares(self):
        """How many stand ready; at most, while it is doubtful."""
        if not self.enabled or self.waits_for_room() or self.wish.kind not in ("exec", "unix"):
            return 0
        return min(self.wish.spare, max(0, self.wish.instances - len(self.runs)))

    def states(self):
        """Those that it may be shown in."""
        if not self.enabled:
            return {"disabled"}
        if self.waits_for_room():
            return {"full"}
        return {"ready", "failing"} # when several programs in a row were killed soon

    def fields(self):
        """What `inetctl list` has of it."""
        return {"running": len(self.runs), "started": self.started, "ended": self.ended,
                "refused": self.refused, "enabled": int(self.enabled), "kept": int(self.kept),
                "limit": self.wish.instances, "failed": 0, "undone": 0}


class Model:
    """All services by label, those that are gone while something of them runs, and the queues of the places."""

    def __init__(self, places):
        self.services, self.gone, self.reloads = {}, [], 0
        self.queues = {place: [] for place in places}
        self.lent = set() # places whose socket a program has had

    def settle(self):
        """Everybody is served who can be."""
        for service in self.services.values():
            if service.enabled:
                started = service.started
                service.serve(self.queues[service.wish.place])
                if service.wish.kind == "wait" and service.started > started:
                    self.lent.add(service.wish.place)
        self.gone = [service for service in self.gone if service.runs]

    def running(self):
        """All clients that a program or session serves, also of services that are gone."""
        return [client for service in self.all_services() for client in service.runs]

    def all_services(self):
        """Also those that are gone."""
        return [*self.services.values(), *self.gone]

    def find_place(self, place):
        """The service that listens there, or None."""
        return next((service for service in self.services.values() if service.wish.place == place), None)

    def connect(self, place, source):
        """A client comes. None where nobody listens."""
        service = self.find_place(place)
        if not service or not service.enabled:
            return None
        client, ready = Client(source), service.spares() and not service.doubtful
        self.queues[place].append(client)
        self.settle()
        service.warm += bool(ready and client in service.runs)
        return client

    def spare_died(self):
        """Of one of the services that have any."""
        for service in self.services.values():
            service.doubtful = service.doubtful or service.spares() > 0

    def end(self, clients):
        """These are over: they have left, or their programs were killed."""
        for client in clients:
            for service in self.all_services():
                if client in service.runs:
                    service.end(client)
        self.settle()

    def worker_died(self):
        """With all its sessions."""
        self.end([client for client in self.running() if client.kind == "echo" and not client.retired])

    def worker_retired(self):
        """Another one takes what comes; it has its sessions until they end."""
        for client in self.running():
            client.retired = client.kind == "echo"

    def close(self, place):
        """The socket there."""
        self.lent.discard(place)
        for client in self.queues[place]:
            client.state = "closed"
        self.queues[place] = []

    def find_state(self, label, wish, used):
        """Which service becomes a section of a label that no service has: that at its place, else one that is gone."""
        service = self.find_place(wish.place)
        if service and service not in used:
            return service
        for service in reversed(self.gone):
            if service.label == label and service not in used:
                self.gone.remove(service)
                return service
        return Service(label, wish)

    def reload(self, wishes, broken, file_of):
        """New sections, by label, in the order of their files; those of the labels in `broken` have a mistake: they
        are kept as they were, and so is what their files do not have any more, unless its place is another's now."""
        self.reloads += 1
        bad_files = {file_of(label) for label in broken}
        good = {label: wish for label, wish in wishes.items() if label not in broken}
        places = {wish.place for wish in good.values()}
        found = {label: service for label, service in self.services.items() if label in good}
        for label, wish in good.items():
            if label not in found:
                found[label] = self.find_state(label, wish, list(found.values()))
        for label, service in self.services.items():
            service.kept = service not in found.values() and service.wish.place not in places and \
                (label in broken or (label not in wishes and file_of(label) in bad_files))
            if service.kept:
                found[label] = service
            elif service not in found.values():
                self.gone.append(service)
        for label, service in found.items():
            service.label, service.wish, service.enabled = label, good.get(label, service.wish), True
            service.doubtful = service.doubtful and service.kept
        self.services = found
        for place in self.queues:
            service = self.find_place(place)
            if not service or (service.wish.kind != "wait" and place in self.lent):
                self.close(place) # nobody accepts from what a program has had: there is another one then
        self.settle()

    def disable(self, label, stop):
        """By inetctl; with `stop` its programs and sessions end too."""
        service = self.services[label]
        service.enabled = False
        self.close(service.wish.place)
        if stop:
            self.end(list(service.runs))

    def enable(self, label):
        """By inetctl."""
        self.services[label].enabled = True

    def kill(self, label):
        """By inetctl: programs end, sessions do not. True if there was one."""
        programs = [client for client in self.services[label].runs if client.kind != "echo"]
        self.end(programs)
        return bool(programs)

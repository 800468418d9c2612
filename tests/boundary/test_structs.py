"""Events, actions, values and decisions: what every host and journal relies on."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from skillroute import actions, contract, decisions, events


def load_wire_table() -> Any:
    """Load the program that stands beside this file."""
    path = Path(__file__).with_name("wire_table.py")
    spec = importlib.util.spec_from_file_location("wire_table", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WIRE = load_wire_table()
STRUCTS: tuple[type[msgspec.Struct], ...] = tuple(
    struct for kind in WIRE.STRUCTS.values() for struct in kind
)
POSITIONAL = (
    contract.Required,
    contract.AnyOf,
    contract.Forbidden,
    contract.Preferred,
    contract.PreferredAgent,
    decisions.AssumedTag,
)
"""People write ``Required("lang:pl", 60)``."""


def sample(kind: inspect.Type) -> Any:
    """Make a value of a type, the same each time."""
    match kind:
        case inspect.UnionType(types=types):
            return sample(types[0])
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.VarTupleType(item_type=item):
            return (sample(item),)
        case inspect.TupleType(item_types=items):
            return tuple(map(sample, items))
        case inspect.StructType(cls=cls):
            return instance(cls)
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 7
        case inspect.StrType():
            return "жук"
        case inspect.NoneType():
            return None
        case _:
            raise NotImplementedError(kind)


def instance(struct: type[msgspec.Struct]) -> msgspec.Struct:
    """Make an instance with all its fields set."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return struct(**{field.name: sample(field.type) for field in info.fields})


def required(struct: type[msgspec.Struct]) -> msgspec.Struct:
    """Make an instance with only those fields that must be given."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    needed = [field for field in info.fields if field.required]
    return struct(**{field.name: sample(field.type) for field in needed})


def test_every_struct_of_the_boundary_is_inspected() -> None:
    """One that is left out could change without anybody seeing it."""
    public = {
        getattr(module, name)
        for module in (events, actions, contract, decisions)
        for name in module.__all__
    }
    structs = {
        each
        for each in public
        if isinstance(each, type) and issubclass(each, msgspec.Struct)
    }
    assert structs == set(STRUCTS)
    assert len(STRUCTS) > 100


def test_nothing_in_the_wire_table_has_changed() -> None:
    """Append only: what older journals say must be read as it was meant."""
    table, code = WIRE.lines_of_the_table(), WIRE.lines_of_the_code()
    assert len(table) > 400
    assert [] == [line for line in table if line not in code], "append only"


def test_the_wire_table_is_complete() -> None:
    """Else a new field could still be moved: wire_table.py --write appends it."""
    table, code = WIRE.lines_of_the_table(), WIRE.lines_of_the_code()
    assert [] == [line for line in code if line not in table]
    assert len(set(table)) == len(table)


@pytest.mark.parametrize("kind", ["event", "action"])
def test_no_tag_is_used_twice(kind: str) -> None:
    """A journal could not tell the two apart."""
    tags = [struct.__struct_config__.tag for struct in WIRE.STRUCTS[kind]]
    assert len(tags) > 30
    assert sorted(set(tags)) == tags


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_struct_is_an_immutable_array(struct: type[msgspec.Struct]) -> None:
    """A hook that could change an event would change what the journal says."""
    config = struct.__struct_config__
    assert config.frozen
    assert config.array_like
    one = instance(struct)
    for name in struct.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(one, name, None)


@pytest.mark.parametrize("struct", STRUCTS)
def test_fields_are_given_by_name(struct: type[msgspec.Struct]) -> None:
    """By place, ``RecordResult("c1", "sales")`` would be wrong without a sound."""
    names = struct.__struct_fields__
    if struct in POSITIONAL:
        assert names == struct.__match_args__
        assert struct(*map(one_value, names)) is not None
    else:
        assert () == struct.__match_args__
        with pytest.raises(TypeError):
            struct(7)


def test_an_action_can_be_matched_by_its_fields() -> None:
    """Hosts write ``match action: case OfferCall(call=call)``."""
    action = instance(actions.CancelOffer)
    match action:
        case actions.OfferCall():
            pytest.fail("taken for another action")
        case actions.CancelOffer(call=call, offer=offer):
            assert ("жук", 7) == (call, offer)
        case _:
            pytest.fail("not matched at all")
    match contract.Required("lang:pl", 60):
        case contract.Required(tag, level):
            assert ("lang:pl", 60) == (tag, level)


def one_value(name: str) -> Any:
    """Make a value for a field of a need or a preferred agent."""
    values = {"tag": "lang:pl", "tags": ("lang:pl",), "level": 3, "weight": 3}
    return {**values, "agent": "anna", "for_ms": 5}[name]


@pytest.mark.parametrize("struct", STRUCTS)
def test_equal_structs_are_equal_and_hash_alike(struct: type[msgspec.Struct]) -> None:
    """Tests compare tuples of actions, hosts keep the ids of those they did."""
    one, other = instance(struct), instance(struct)
    assert one == other
    assert hash(one) == hash(other)
    assert 1 == len({one, other})
    assert one != object()


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_struct_survives_messagepack(struct: type[msgspec.Struct]) -> None:
    """What is read from a journal must be what was written."""
    for one in (instance(struct), required(struct)):
        data = msgspec.msgpack.encode(one)
        assert one == msgspec.msgpack.decode(data, type=struct)
        assert isinstance(msgspec.msgpack.decode(data), list)


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_record_that_ends_early_is_read(struct: type[msgspec.Struct]) -> None:
    """Journals of older versions lack the fields that were added since."""
    one = required(struct)
    values = msgspec.msgpack.decode(msgspec.msgpack.encode(one))
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    needed = [n for n, field in enumerate(info.fields) if field.required]
    tagged = int(info.tag is not None)
    short = values[: tagged + max(needed, default=-1) + 1]
    assert one == msgspec.msgpack.decode(msgspec.msgpack.encode(short), type=struct)


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_struct_survives_pickle(struct: type[msgspec.Struct]) -> None:
    """Simulations send them between processes."""
    one = instance(struct)
    assert one == pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize(
    ("kind", "union"), [("event", events.Event), ("action", actions.Action)]
)
def test_any_event_or_action_is_read_by_its_tag(kind: str, union: Any) -> None:
    """A journal does not say of what class its next record is."""
    assert WIRE.STRUCTS[kind]
    decoder = msgspec.msgpack.Decoder(union)
    for struct in WIRE.STRUCTS[kind]:
        one = instance(struct)
        assert one == decoder.decode(msgspec.msgpack.encode(one))


def test_every_action_has_an_id_first() -> None:
    """Hosts carry out an action once, by its id, whatever else is in it."""
    assert actions.ACTIONS
    assert {"id"} == {action.__struct_fields__[0] for action in actions.ACTIONS}

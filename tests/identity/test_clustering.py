"""Union-find under guard: strongest first, never two people in one cluster."""

from hypothesis import given, settings
from hypothesis import strategies as st

from joren.identity.clustering import (
    LARGEST_CLUSTER,
    Clusters,
    Edge,
    Traits,
    attach_to_sole_owner,
    cluster_strongest_first,
)


def clustered(traits: list[Traits], edges: list[Edge], apart=None) -> tuple[list[int], dict]:
    clusters = Clusters(dict(enumerate(traits)), apart or {})
    refused = cluster_strongest_first(clusters, edges)
    return [clusters.find(record) for record in range(len(traits))], refused


def test_the_stronger_edge_wins_where_both_cannot_hold():
    traits = [Traits(birth_date=1), Traits(), Traits(birth_date=2)]
    roots, refused = clustered(traits, [Edge(0, 1, 0.99), Edge(1, 2, 0.999)])
    assert roots == [0, 1, 1]
    assert refused == {(0, 1): "birth_date"}


def test_genders_and_given_names_are_guarded_over_a_chain():
    edges = [Edge(0, 1, 0.99), Edge(1, 2, 0.98)]
    assert clustered([Traits(gender="male"), Traits(), Traits(gender="female")], edges)[1] == {
        (1, 2): "gender"
    }
    assert clustered([Traits(given="誠"), Traits(), Traits(given="花子")], edges)[1] == {
        (1, 2): "given_name"
    }


def test_given_names_that_agree_in_one_script_are_no_conflict():
    traits = [
        Traits(given="典子", given_sound="ノリコ"),
        Traits(given="紀子", given_sound="ノリコ"),
    ]
    assert clustered(traits, [Edge(0, 1, 0.99)])[0] == [0, 0]


def test_a_kana_mistyped_is_no_conflict_unless_the_kanji_differ():
    edge = [Edge(0, 1, 0.99)]
    assert clustered([Traits(given_sound="ミサキ"), Traits(given_sound="ミサカ")], edge)[0] == [
        0,
        0,
    ]
    twins = [Traits(given="美咲", given_sound="ミサキ"), Traits(given="美里", given_sound="ミサト")]
    assert clustered(twins, edge)[1] == {(0, 1): "given_name"}


def test_one_kanji_read_quite_otherwise_is_a_conflict_unless_born_on_one_day():
    edge = [Edge(0, 1, 0.99)]
    father, son = (Traits(given="誠", given_sound=sound) for sound in ("マコト", "セイ"))
    assert clustered([father, son], edge)[1] == {(0, 1): "given_name"}
    born = [name._replace(birth_date=1) for name in (father, son)]
    assert clustered(born, edge)[0] == [0, 0]
    misheard = [Traits(given="翔太", given_sound=sound) for sound in ("ショウタ", "ソウタ")]
    assert clustered(misheard, edge)[0] == [0, 0]


def test_short_given_names_one_kana_apart_are_two_people():
    traits = [Traits(given_sound="ユキ"), Traits(given_sound="ミキ")]
    assert clustered(traits, [Edge(0, 1, 0.99)])[1] == {(0, 1): "given_name"}


def test_a_cluster_does_not_outgrow_its_limit():
    n = LARGEST_CLUSTER + 5
    roots, refused = clustered([Traits()] * n, [Edge(0, i, 0.99) for i in range(1, n)])
    assert roots.count(0) == LARGEST_CLUSTER
    assert set(refused.values()) == {"size"}


def test_a_verdict_holds_over_a_chain():
    apart = {0: frozenset({2}), 2: frozenset({0})}
    roots, refused = clustered([Traits()] * 3, [Edge(0, 1, 0.99), Edge(1, 2, 0.98)], apart)
    assert roots == [0, 0, 2]
    assert refused == {(1, 2): "verdict"}


def test_a_bare_record_joins_the_only_owner_of_its_identifier():
    clusters = Clusters({n: Traits() for n in range(4)})
    cluster_strongest_first(clusters, [Edge(0, 1, 0.99)])
    assert attach_to_sole_owner(clusters, {3: [0, 1]}) == {3: 0}
    assert clusters.find(3) == 0


def test_a_bare_record_with_two_owners_is_left_alone():
    clusters = Clusters({n: Traits() for n in range(4)})
    assert attach_to_sole_owner(clusters, {3: [0, 1]}) == {}
    assert clusters.find(3) == 3


records = st.builds(
    Traits,
    birth_date=st.sampled_from([None, None, 1, 2, 3]),
    gender=st.sampled_from([None, None, "male", "female"]),
    given=st.sampled_from([None, "誠", "花子", "葵"]),
    given_sound=st.none(),
)


@given(st.lists(records, min_size=2, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_no_cluster_holds_two_birth_dates_or_genders_and_order_is_no_matter(traits, data):
    ends = st.integers(0, len(traits) - 1)
    pairs = data.draw(st.sets(st.tuples(ends, ends).filter(lambda p: p[0] < p[1]), max_size=80))
    edges = [Edge(a, b, data.draw(st.sampled_from([0.98, 0.99, 0.999]))) for a, b in sorted(pairs)]
    roots, _ = clustered(traits, edges)
    again, _ = clustered(traits, data.draw(st.permutations(edges)))
    assert again == roots
    for root in set(roots):
        members = [traits[r] for r in range(len(traits)) if roots[r] == root]
        assert len({m.birth_date for m in members} - {None}) <= 1
        assert len({m.gender for m in members} - {None}) <= 1
        assert root == min(r for r in range(len(traits)) if roots[r] == root)


def test_the_model_may_join_two_names_it_has_weighed_but_nobody_else_with_them():
    traits = [Traits(given="hugo"), Traits(given="molly"), Traits(), Traits(given="anna")]
    weighed = Edge(0, 1, 0.99, weighed=True)
    roots, refused = clustered(traits, [weighed, Edge(1, 2, 0.98), Edge(2, 3, 0.97, weighed=True)])
    assert roots == [0, 0, 0, 3]
    assert refused == {(2, 3): "given_name"}


def test_a_pair_the_model_rejects_is_not_joined_over_a_third_record():
    clusters = Clusters(
        dict(enumerate([Traits()] * 3)), unlikely={0: frozenset({2}), 2: frozenset({0})}
    )
    refused = cluster_strongest_first(clusters, [Edge(0, 1, 0.99), Edge(1, 2, 0.98)])
    assert refused == {(1, 2): "unlikely"}

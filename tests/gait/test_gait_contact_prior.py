"""The contact prior: usual times of each leg, and how far a noisy contact is shrunk towards them."""

from __future__ import annotations

import math

import pytest

from cuecoach.gait.contact_prior import ContactPrior
from cuecoach.gait.events import Contact

STRIDE_S = 0.7


def prior_of(*before_s: float, row: int = 0) -> ContactPrior:
    """Return a prior fed with contacts of one leg; toe-off comes twice as long after mid-stance."""
    prior = ContactPrior()
    for k, before in enumerate(before_s):
        prior.update(row, Contact(k - before, k, k + 2 * before))
    return prior


def usual_s(prior: ContactPrior, row: int = 0) -> tuple[float, float]:
    """Return the usual times from foot strike to mid-stance and from there to toe-off, NaN when unknown."""
    contact = prior.shrink(row, Contact(math.nan, 0.0, math.nan), STRIDE_S)
    return -contact.t_strike_s, contact.t_toe_off_s


def test_half_of_a_deviation_is_kept_up_to_a_limit() -> None:
    prior = prior_of(*[0.1] * 6)
    near = prior.shrink(0, Contact(6.88, 7.0, 7.22), STRIDE_S)
    assert near.t_strike_s == pytest.approx(6.89)
    assert near.t_toe_off_s == pytest.approx(7.21)
    far = prior.shrink(0, Contact(6.6, 7.0, 7.9), STRIDE_S)
    assert far.t_strike_s == pytest.approx(6.9 - 0.5 * 0.06 * STRIDE_S)
    assert far.t_toe_off_s == pytest.approx(7.2 + 0.5 * 0.06 * STRIDE_S)
    assert near.t_midstance_s == far.t_midstance_s == 7.0


def test_a_missing_event_becomes_the_usual_one() -> None:
    missing = prior_of(*[0.1] * 3).shrink(0, Contact(math.nan, 8.0, math.nan), STRIDE_S)
    assert missing.t_strike_s == pytest.approx(7.9)
    assert missing.t_toe_off_s == pytest.approx(8.2)


def test_three_contacts_form_the_prior() -> None:
    two = prior_of(0.1, 0.1)
    assert not two.is_formed
    contact = Contact(0.8, 1.0, 1.3)
    assert two.shrink(0, contact, STRIDE_S) == contact
    assert all(math.isnan(time_s) for time_s in usual_s(two))
    assert prior_of(0.1, 0.1, 0.1).is_formed


def test_both_times_must_be_known_and_a_missing_one_counts_for_nothing() -> None:
    prior = prior_of(0.1, 0.1)
    prior.update(1, Contact(math.nan, 5.0, 5.2))
    assert not prior.is_formed
    prior.update(1, Contact(5.9, 6.0, math.nan))
    assert prior.is_formed
    assert usual_s(prior) == pytest.approx((0.1, 0.2))


def test_a_leg_has_its_own_usual_time_as_soon_as_it_has_shown_three() -> None:
    prior = prior_of(0.10, 0.10, 0.10)
    for k in range(2):
        prior.update(1, Contact(k - 0.14, k, k + 0.3))
        assert usual_s(prior, 1)[0] == pytest.approx(0.10), "that of both legs"
    prior.update(1, Contact(1.86, 2.0, 2.3))
    assert usual_s(prior, 1) == pytest.approx((0.14, 0.3))
    assert usual_s(prior, 0)[0] == pytest.approx(0.10)


def test_only_the_last_eight_contacts_count() -> None:
    prior = prior_of(*[0.100 + 0.001 * k for k in range(20)])
    assert usual_s(prior) == pytest.approx((0.1155, 0.231)), "the median of the twelfth to the nineteenth"

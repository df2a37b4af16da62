from decimal import Decimal

import pytest

from posrefund.sandbox.orders import Order
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.samples import SAMPLES, all_samples
from posrefund.sandbox.settings import Settings
from posrefund.sandbox.transaction import Payout, Plan, Shape


@pytest.fixture
def order(details):
    def an_order(reference="T1001.Y", amount=500, **more):
        return Order(reference=reference, amount=amount, **{"details": details, **more})

    return an_order


def refused(bank, order):
    with pytest.raises(Refusal) as caught:
        bank.refund(order)
    return caught.value


def test_a_terminal_refund_waits_for_the_customer(bank, order):
    made = bank.refund(order())
    assert (made.status, made.original, made.amount) == ("pending", "T1001.Y", 500)
    bank.advance(24 * 3600)
    assert made.status == "pending"
    assert bank.given_back("T1001.Y") == 0


def test_presenting_the_card_ends_it_with_receipts(bank, order):
    made = bank.refund(order())
    bank.present_card(made.reference)
    assert made.status == "success"
    assert made.final_at == bank.now()
    assert made.details["askMerchantSignature"] is True
    assert bank.given_back("T1001.Y") == 500


def test_in_auto_the_customer_comes_by_himself(bank, order, clock):
    bank.settings.apply({"customer": "auto", "auto_seconds": 3})
    made = bank.refund(order())
    clock.pass_seconds(2.9)
    bank.settle()
    assert made.status == "pending"
    clock.pass_seconds(60)
    bank.settle()
    assert made.status == "success"
    assert made.final_at == made.created + 3000


def test_a_terminal_may_start_only_when_its_page_is_opened(bank, order):
    bank.settings.apply({"customer": "auto", "terminal_starts": "page"})
    made = bank.refund(order())
    bank.advance(600)
    assert made.status == "pending"
    bank.open_page(made.reference)
    bank.advance(3)
    assert made.status == "success"


@pytest.mark.parametrize(
    ("amount", "signature", "identification"),
    [(5001, True, False), (5002, False, True), (5003, True, True), (1000, False, False)],
)
def test_the_test_book_amounts_ask_for_what_they_should(
    bank, order, amount, signature, identification
):
    made = bank.refund(order("T1003.Y", amount))
    bank.present_card(made.reference)
    assert made.details["askCustomerSignature"] is signature
    assert made.details["askCustomerIdentification"] is identification


def test_the_test_book_declines_50_05(bank, order):
    made = bank.refund(order("T1003.Y", 5005))
    bank.present_card(made.reference)
    assert (made.status, made.failure_code) == ("failed", "card_refused")
    assert "customerReceipt" not in made.details


def test_softpos_without_the_card_succeeds_after_a_second(bank):
    made = bank.refund(Order(reference="S1006.Y", details={"cardPresent": "false"}))
    assert made.status == "pending"
    assert made.pay_url is None
    assert made.details["terminalId"] == "SP0001"
    bank.advance(1)
    assert made.status == "success"


@pytest.mark.parametrize("details", [{}, {"cardPresent": True}, {"cardPresent": "true"}])
def test_softpos_with_the_card_waits(bank, details):
    made = bank.refund(Order(reference="S1006.Y", details=details))
    bank.advance(3600)
    assert made.status == "pending"


def test_other_methods_succeed_at_once(bank):
    assert bank.refund(Order(reference="I1008.Y")).status == "success"


def test_without_an_amount_all_of_the_payment_is_given_back(bank, order):
    assert bank.refund(order(amount=None)).amount == 4990


def test_the_limit_is_120_percent_cut_off_to_cents(bank, order):
    bank.refund(order("T1002.Y", 1198))
    refusal = refused(bank, order("T1002.Y", 1))
    assert refusal.failure_code == "refund_limit"
    assert "Already Refunded: 11.98, Current Refund Request: 0.01" in refusal.message


def test_pending_refunds_count_towards_the_limit_and_failed_ones_do_not(bank, order):
    first = bank.refund(order("T1002.Y", 1000))
    assert refused(bank, order("T1002.Y", 199)).failure_code == "refund_limit"
    bank.act(first.reference, "failed", "cancelled")
    assert bank.refund(order("T1002.Y", 999)).status == "pending"


def test_reversals_count_towards_the_limit(bank, order):
    refused(bank, order("T1018.Y", 301))
    assert bank.refund(order("T1018.Y", 300)).amount == 300


@pytest.mark.parametrize(
    "reference", ["T1007.A", "L1010.Y", "T1011.Y", "T1012.Y", "T1003.Y-R1", "T1018.Y-R1"]
)
def test_only_a_successful_sale_or_capture_can_be_refunded(bank, order, reference):
    before = bank.refunds()
    refused(bank, order(reference, 100))
    assert bank.refunds() == before


def test_an_unknown_payment_is_404(bank, order):
    refusal = refused(bank, order("T9.X"))
    assert (refusal.failure_code, refusal.status) == ("unknown_reference", 404)


def test_too_small_a_balance_refuses_and_a_failed_refund_gives_it_back(bank):
    assert refused(bank, Order(reference="B1009.Y")).failure_code == "unsufficient_balance"
    made = bank.refund(Order(reference="B1009.Y", amount=135))
    assert bank.balances["banktransfer"].total == 0
    bank.act(made.reference, "failed", "rejected", force=True)
    assert bank.balances["banktransfer"].total == 135


def split(*parts):
    payouts = tuple(Payout(external_reference=name, amount=amount) for name, amount in parts)
    return Order(reference="C1013.Y", amount=sum(part.amount for part in payouts), payouts=payouts)


def test_a_split_payment_needs_instructions_that_add_up(bank):
    assert "required" in refused(bank, Order(reference="C1013.Y", amount=100)).message
    wrong = Order(reference="C1013.Y", amount=100, payouts=split(("M1", 90)).payouts)
    assert "add up" in refused(bank, wrong).message
    assert "not one" in refused(bank, split(("M9", 90))).message
    made = bank.refund(split(("M1", 1000), ("M2", 500)))
    assert made.facts(bank.now())["payoutInstructions"][1] == {
        "externalReference": "M2",
        "amount": Decimal("5.00"),
        "paidout": "no",
    }


def test_each_instruction_has_its_own_limit(bank):
    assert bank.refund(split(("M2", 2400))).status == "success"
    assert refused(bank, split(("M2", 1))).failure_code == "refund_limit"
    assert bank.refund(split(("M1", 1000))).status == "success"


def test_several_instructions_need_a_split_payment(bank):
    payouts = split(("M1", 100), ("M2", 100)).payouts
    assert "split" in refused(bank, Order(reference="I1008.Y", amount=200, payouts=payouts)).message


def test_the_same_key_and_request_make_one_refund(bank, order):
    key = ("t_x", "refund", "abc")
    first = bank.once(key, "same", lambda: bank.refund(order()))
    bank.present_card(first.reference)
    again = bank.once(key, "same", lambda: bank.refund(order()))
    assert again is first
    assert len(bank.refunds(origin="api")) == 1
    assert again.status == "success"


def test_a_refused_request_is_not_remembered(bank, order):
    key = ("t_x", "refund", "abc")
    with pytest.raises(Refusal):
        bank.once(key, "same", lambda: bank.refund(order(amount=999900)))
    assert bank.once(key, "same", lambda: bank.refund(order())).status == "pending"


def test_a_reversal_takes_what_is_left(bank, order):
    made = bank.reverse(order("T1003.Y"))
    assert (made.type, made.amount, made.status) == ("reversal", 8766, "pending")
    with pytest.raises(Refusal, match="nothing left"):
        bank.reverse(order("T1003.Y"))


def test_an_authorisation_is_reversed_and_an_ideal_sale_is_not(bank, order):
    assert bank.reverse(order("T1007.A")).amount == 8000
    with pytest.raises(Refusal):
        bank.reverse(order("I1008.Y"))


def test_a_scripted_end_comes_after_so_many_questions(bank, order):
    plan = Plan(status="failed", failure_code="fraud_detected", polls=2)
    made = bank.refund(order(), shape=Shape(plan=plan))
    assert bank.poll(made.reference).status == "pending"
    assert bank.poll(made.reference).failure_code == "fraud_detected"


def test_pending_for_ever_resists_the_customer_but_not_the_test(bank, order):
    made = bank.refund(order(), shape=Shape(plan=Plan(never=True)))
    bank.present_card(made.reference)
    assert made.status == "pending"
    bank.act(made.reference, "success")
    assert made.status == "success"


def test_an_unknown_status_is_not_final(bank, order):
    made = bank.refund(order())
    bank.act(made.reference, "in_review")
    assert made.final_at is None
    bank.act(made.reference, "success")
    assert made.final_at == bank.now()


def test_what_ended_stays_ended_unless_it_is_forced(bank, order):
    made = bank.refund(order())
    bank.present_card(made.reference)
    with pytest.raises(Refusal):
        bank.act(made.reference, "failed", "cancelled")
    bank.act(made.reference, "failed", "cancelled", force=True)
    assert made.failure_code == "cancelled"


def test_a_busy_terminal_can_fail_the_second_refund(bank, order):
    bank.settings.apply({"busy_terminal": "failed"})
    assert bank.refund(order()).status == "pending"
    second = bank.refund(order("T1002.Y"))
    assert (second.status, second.failure_code) == ("failed", "processing_error")


def test_cancel_works_until_it_is_too_late(bank, order):
    made = bank.refund(order())
    assert bank.cancel(made.reference).failure_code == "cancelled"
    with pytest.raises(Refusal):
        bank.cancel(made.reference)


def test_collected_money_is_paid_out_a_day_later(bank):
    made = bank.refund(Order(reference="I1008.Y"))
    assert made.facts(bank.now())["paidout"] == "no"
    bank.advance(24 * 3600)
    facts = made.facts(bank.now())
    assert facts["paidout"] == "yes"
    assert facts["paidoutDate"] == made.final_at + 24 * 3600 * 1000
    assert facts["paidoutReference"] in facts["unstructuredReference"]


def test_a_refund_in_the_portal_is_in_the_books_too(bank):
    made = bank.refund_elsewhere("T1001.Y", 1000, description="portal")
    assert bank.given_back("T1001.Y") == 1000
    assert bank.refunds(origin="portal") == [made]


def test_every_sample_can_be_found_and_is_from_recent_days(bank):
    for sample in all_samples():
        found = bank.get(sample.reference)
        assert found.amount == sample.amount
        assert found.shows == sample.shows
        assert 0 < bank.now() - found.created < 7 * 24 * 3600 * 1000
    assert bank.get("T1007.A").created < bank.get("T1007.C").created


def test_sample_references_are_not_used_twice():
    references = [sample.reference for sample in all_samples()]
    assert len(set(references)) == len(references)
    assert len(references) > len(SAMPLES) + 40


def test_reset_forgets_everything_but_the_samples(bank, order):
    bank.settings.apply({"customer": "auto"})
    bank.refund(order())
    bank.advance(3600)
    present = bank.now()
    bank.reset()
    assert bank.refunds(origin="api") == []
    assert bank.settings.customer == "person"
    assert bank.now() == present - 3600 * 1000


@pytest.mark.parametrize(
    "changes",
    [{"customr": "auto"}, {"customer": "robot"}, {"auto_seconds": "soon"}, {"auto_seconds": True},
     {"page_size": 0}, {"page_size": True}, {"capitals": 1}, {"api_keys": [1]}, {"api_keys": "t_"}],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(changes):
    settings = Settings()
    with pytest.raises(ValueError, match=next(iter(changes))):
        settings.apply({"cancel": "reject", **changes})
    assert settings == Settings()

//! What must never be found in a database, whoever has written in it and however that ended: looked for past all doors.
use domain::policy::Resource;
use tests::texts;

/// A word for it, the table, and which of its rows are wrong.
const WRONG: &[(&str, &str, &str)] = &[
    ("a client without a person", "client", "NOT EXISTS (SELECT 1 FROM person p WHERE p.id = client.person_id AND p.client_id = client.id)"),
    ("a person without a client", "person", "NOT EXISTS (SELECT 1 FROM client c WHERE c.person_id = person.id)"),
    ("a client whom nobody has taken up", "client", "merged_into_id IS NULL AND NOT EXISTS (SELECT 1 FROM care_relation r WHERE r.client_id = client.id)"),
    ("a case without its first event", "client_case", "NOT EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = client_case.id AND e.kind = 'OPENED')"),
    (
        "a notice of a shift that tells of somebody",
        "notice",
        "shift_id IS NOT NULL AND COALESCE(referral_id, relation_id, case_id, participation_id, order_id, voucher_id, complaint_id, visit_id, consent_id) IS NOT NULL",
    ),
    ("an event without its case", "case_event", "NOT EXISTS (SELECT 1 FROM client_case c WHERE c.id = case_event.case_id)"),
    // Becoming another client's, as two turn out to be one, is no event of the case; that its exit is agreed on is one more of the same change.
    (
        "a change of a case without its event",
        "client_case",
        "version <> (SELECT COUNT(*) FROM case_event e WHERE e.case_id = client_case.id AND e.kind <> 'EXIT_AGREED') + (SELECT COUNT(*) FROM audit a WHERE a.row_id = client_case.id \
         AND a.resource = 'Case' AND a.\"before\" ->> 'client_id' <> a.\"after\" ->> 'client_id')",
    ),
    (
        "a service of a source without its id there, or without what the source says",
        "service",
        "(source IS NULL) <> (source_id IS NULL) OR (source IS NULL) <> (source_content IS NULL)",
    ),
    (
        "something about a client who was merged into another",
        "client",
        "merged_into_id IS NOT NULL AND (EXISTS (SELECT 1 FROM client_case r WHERE r.client_id = client.id) OR EXISTS (SELECT 1 FROM referral r WHERE r.client_id = client.id) \
         OR EXISTS (SELECT 1 FROM consent r WHERE r.client_id = client.id) OR EXISTS (SELECT 1 FROM care_relation r WHERE r.client_id = client.id) \
         OR EXISTS (SELECT 1 FROM participation r WHERE r.client_id = client.id) OR EXISTS (SELECT 1 FROM disclosure_permission r WHERE r.client_id = client.id) \
         OR EXISTS (SELECT 1 FROM disclosure_prohibition r WHERE r.client_id = client.id))",
    ),
    (
        "a disclosure permission of whom nobody has informed",
        "disclosure_permission",
        "NOT EXISTS (SELECT 1 FROM informing i WHERE i.client_id = disclosure_permission.client_id AND i.kind = 'KANTA' AND i.created_at <= disclosure_permission.given_at)",
    ),
    (
        "two disclosure permissions in force for one sector",
        "disclosure_permission",
        "withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM disclosure_permission p WHERE p.client_id = disclosure_permission.client_id AND p.id <> disclosure_permission.id \
         AND p.sector = disclosure_permission.sector AND p.withdrawn_at IS NULL)",
    ),
    (
        "two prohibitions in force of the same",
        "disclosure_prohibition",
        "removed_at IS NULL AND EXISTS (SELECT 1 FROM disclosure_prohibition p WHERE p.client_id = disclosure_prohibition.client_id AND p.id <> disclosure_prohibition.id \
         AND p.removed_at IS NULL AND (p.controller_id = disclosure_prohibition.controller_id OR p.service_task = disclosure_prohibition.service_task \
         OR p.document_id = disclosure_prohibition.document_id))",
    ),
    (
        "an emergency of which nobody was told, or that tells no reason",
        "care_relation",
        "basis = 'BREAK_GLASS' AND (reason IS NULL OR NOT EXISTS (SELECT 1 FROM notice n WHERE n.relation_id = care_relation.id AND n.kind = 'EMERGENCY_ACCESS'))",
    ),
    (
        "a path on which somebody arrived on no day, or that was looked at on none",
        "follow_on_path",
        "(state IN ('TRANSFERRED', 'STARTED', 'EMPLOYED', 'VERIFIED', 'LAPSED')) <> (arrived_on IS NOT NULL) OR (state IN ('VERIFIED', 'LAPSED')) <> (verified_on IS NOT NULL) \
         OR (state IN ('LAPSED', 'DROPPED')) <> (reason IS NOT NULL)",
    ),
    (
        "a stage that is not the last event's",
        "client_case",
        "stage <> (SELECT e.stage FROM case_event e WHERE e.case_id = client_case.id ORDER BY e.created_at DESC, e.id DESC LIMIT 1)",
    ),
    (
        "an own worker of an open case without a relation",
        "client_case",
        "own_worker IS NOT NULL AND stage <> 'CLOSED' AND NOT EXISTS (SELECT 1 FROM care_relation r WHERE r.ground_id = client_case.id \
         AND r.subject = client_case.own_worker AND r.client_id = client_case.client_id AND r.ended_at IS NULL)",
    ),
    (
        "a relation by a case of one who is not the own worker of it while it is open or a path of it is to be looked at",
        "care_relation",
        "basis = 'CASE' AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM client_case c WHERE c.id = care_relation.ground_id \
         AND c.own_worker = care_relation.subject AND (c.stage <> 'CLOSED' OR EXISTS (SELECT 1 FROM follow_on_path p WHERE p.case_id = c.id \
         AND p.state IN ('PLANNED', 'GUIDED', 'TRANSFERRED', 'STARTED', 'EMPLOYED'))))",
    ),
    (
        "two open cases of one service task",
        "client_case",
        "stage <> 'CLOSED' AND EXISTS (SELECT 1 FROM client_case c WHERE c.client_id = client_case.client_id AND c.organization_id = client_case.organization_id \
         AND c.id <> client_case.id AND c.stage <> 'CLOSED' AND c.content ->> 'serviceTask' = client_case.content ->> 'serviceTask')",
    ),
    (
        "services that are given by no plan",
        "client_case",
        "stage IN ('ACTIVE', 'FINAL_ASSESSMENT') AND NOT EXISTS (SELECT 1 FROM client_plan p WHERE p.case_id = client_case.id AND p.state IN ('IN_FORCE', 'UNDER_REVIEW'))",
    ),
    (
        "what is to be passed on after the consent has ended by which it was told",
        "referral",
        "previous_id IS NOT NULL AND state = 'DRAFT' AND EXISTS (SELECT 1 FROM referral p JOIN consent c ON c.id = p.consent_id WHERE p.id = referral.previous_id AND c.state <> 'GIVEN')",
    ),
    ("a case past pending without an own worker", "client_case", "stage NOT IN ('PENDING', 'CLOSED') AND own_worker IS NULL"),
    (
        "a closed case without a reason, or a reason without closing",
        "client_case",
        "(stage = 'CLOSED') <> (closed_at IS NOT NULL AND closing_reason IS NOT NULL)",
    ),
    (
        "two plans in force in one case",
        "client_plan",
        "state IN ('IN_FORCE', 'UNDER_REVIEW') AND EXISTS (SELECT 1 FROM client_plan p WHERE p.case_id = client_plan.case_id AND p.id <> client_plan.id \
         AND p.state IN ('IN_FORCE', 'UNDER_REVIEW'))",
    ),
    (
        "a plan that goes on in a closed case",
        "client_plan",
        "state IN ('DRAFT', 'SHARED', 'IN_FORCE', 'UNDER_REVIEW') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = client_plan.case_id AND c.stage = 'CLOSED')",
    ),
    (
        "a final assessment that is being made in a closed case",
        "final_assessment",
        "state IN ('DRAFT', 'SHARED') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = final_assessment.case_id AND c.stage = 'CLOSED')",
    ),
    (
        "a decision of which the client was not told in a closed case",
        "service_decision",
        "state IN ('DRAFT', 'MADE') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = service_decision.case_id AND c.stage = 'CLOSED') \
         AND NOT EXISTS (SELECT 1 FROM service_decision d WHERE d.id = service_decision.amends_id AND d.state = 'TO_BE_AMENDED')",
    ),
    (
        "a case that was closed over a rectification",
        "service_decision",
        "state IN ('UNDER_RECTIFICATION', 'TO_BE_AMENDED') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = service_decision.case_id AND c.stage = 'CLOSED' \
         AND c.closed_at > service_decision.updated_at AND c.closing_reason NOT IN ('DECEASED', 'MOVED_AWAY', 'REFUSED', 'NO_LEGAL_GROUND'))",
    ),
    (
        "a decision that gives way to none",
        "service_decision",
        "state <> 'REVOKED' AND (state = 'AMENDED' OR ends_before IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM service_decision d \
         WHERE d.case_id = service_decision.case_id AND d.amends_id IS NOT NULL AND d.served_on IS NOT NULL AND d.state <> 'REVOKED' \
         AND service_decision.ends_before IN (d.valid_from, d.served_on))",
    ),
    (
        "a decision that ended with a case that is open",
        "service_decision",
        "closing_reason IS NOT NULL AND NOT EXISTS (SELECT 1 FROM client_case c WHERE c.id = service_decision.case_id AND c.closing_reason = service_decision.closing_reason)",
    ),
    (
        "a decision that nobody has made",
        "service_decision",
        "(made_by IS NULL) <> (made_at IS NULL) OR (state NOT IN ('DRAFT', 'DISCARDED') AND made_by IS NULL)",
    ),
    (
        "a decision that was served without a last day for rectification, or the other way round",
        "service_decision",
        "(served_on IS NULL) <> (rectification_until IS NULL) OR (served_on IS NULL AND state NOT IN ('DRAFT', 'DISCARDED', 'MADE', 'REVOKED'))",
    ),
    (
        "two decisions in the place of one",
        "service_decision",
        "amends_id IS NOT NULL AND state NOT IN ('DISCARDED', 'REVOKED') AND EXISTS (SELECT 1 FROM service_decision d WHERE d.amends_id = service_decision.amends_id \
         AND d.id <> service_decision.id AND d.state NOT IN ('DISCARDED', 'REVOKED'))",
    ),
    (
        "an order that goes on in a closed case",
        "purchase_order",
        "state IN ('DRAFT', 'PLACED', 'CONFIRMED', 'IN_DELIVERY', 'PAUSED') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = purchase_order.case_id AND c.stage = 'CLOSED')",
    ),
    (
        "an order that was placed without its price, its notice or an entry in the disclosure log",
        "purchase_order",
        "placed_at IS NOT NULL AND (cost_cents IS NULL OR unit_price_cents IS NULL OR answer_due_on IS NULL \
         OR NOT EXISTS (SELECT 1 FROM notice n WHERE n.order_id = purchase_order.id AND n.kind = 'ORDER_PLACED') \
         OR NOT EXISTS (SELECT 1 FROM disclosure_log_entry d WHERE d.ground_id = purchase_order.id))",
    ),
    (
        "a provider who knows of whom an order is that came to nothing",
        "purchase_order",
        "introduction IS NOT NULL AND state IN ('DRAFT', 'REJECTED', 'EXPIRED', 'CANCELLED')",
    ),
    (
        "a voucher with a provider and without what goes with that, or the other way round",
        "voucher",
        "(state IN ('CHOSEN', 'IN_USE', 'USED_UP') AND (provider_id IS NULL OR approval_id IS NULL OR chosen_at IS NULL OR unit_price_cents IS NULL OR introduction IS NULL \
         OR NOT EXISTS (SELECT 1 FROM notice n WHERE n.voucher_id = voucher.id AND n.kind = 'VOUCHER_CHOSEN') \
         OR NOT EXISTS (SELECT 1 FROM disclosure_log_entry d WHERE d.ground_id = voucher.id))) \
         OR (state IN ('ISSUED', 'REFUSED', 'EXPIRED', 'CANCELLED') AND introduction IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM delivery_event e WHERE e.ground_id = voucher.id AND e.state <> 'VOIDED')) OR (state IN ('ISSUED', 'REFUSED') AND provider_id IS NOT NULL)",
    ),
    (
        "a voucher that can be used in a closed case, or is over on no day",
        "voucher",
        "(state IN ('ISSUED', 'CHOSEN', 'IN_USE') AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = voucher.case_id AND c.stage = 'CLOSED')) \
         OR (state IN ('REFUSED', 'EXPIRED', 'CANCELLED', 'USED_UP')) <> (ended_on IS NOT NULL)",
    ),
    (
        "a complaint that a provider knows of before it was taken up, or was taken up or ended by halves",
        "complaint",
        "(taken_up_at IS NOT NULL) <> (question IS NOT NULL) OR (ended_at IS NOT NULL) <> (state IN ('CLOSED', 'UNFOUNDED')) OR (ended_at IS NOT NULL) <> (outcome IS NOT NULL) \
         OR (state IN ('REPORTED', 'UNFOUNDED') AND taken_up_at IS NOT NULL) OR (state IN ('MEASURES', 'CLOSED') AND answer IS NULL) \
         OR (taken_up_at IS NOT NULL) <> EXISTS (SELECT 1 FROM notice n WHERE n.complaint_id = complaint.id AND n.kind = 'COMPLAINT_ASKED') \
         OR (purchase_told AND order_id IS NULL AND voucher_id IS NULL)",
    ),
    (
        "a decision by which more was issued than it grants",
        "service_decision",
        "quantity_hundredths < (SELECT COALESCE(SUM(CASE WHEN v.state IN ('ISSUED', 'CHOSEN', 'IN_USE') THEN v.quantity_hundredths ELSE v.used_hundredths END), 0) \
         FROM voucher v WHERE v.decision_id = service_decision.id) \
         OR value_cents < (SELECT COALESCE(SUM(CASE WHEN v.state IN ('ISSUED', 'CHOSEN', 'IN_USE') THEN v.quantity_hundredths * v.value_cents / 100 ELSE v.used_cents END), 0) \
         FROM voucher v WHERE v.decision_id = service_decision.id)",
    ),
    (
        "a voucher by a decision that was taken back or has given way",
        "voucher",
        "state IN ('ISSUED', 'CHOSEN', 'IN_USE') AND EXISTS (SELECT 1 FROM service_decision d WHERE d.id = voucher.decision_id \
         AND (d.state = 'REVOKED' OR d.ends_before <= voucher.valid_to))",
    ),
    (
        "an order by a decision that was taken back or has given way",
        "purchase_order",
        "placed_at IS NOT NULL AND state IN ('PLACED', 'CONFIRMED', 'IN_DELIVERY', 'PAUSED') AND EXISTS (SELECT 1 FROM service_decision d \
         WHERE d.id = purchase_order.decision_id AND (d.state = 'REVOKED' OR d.ends_before <= purchase_order.ends_on))",
    ),
    (
        "a provider that is listed twice by one rulebook",
        "provider_approval",
        "state IN ('APPROVED', 'PRICE_PENDING') AND EXISTS (SELECT 1 FROM provider_approval p WHERE p.id <> provider_approval.id AND p.organization_id = provider_approval.organization_id \
         AND p.state IN ('APPROVED', 'PRICE_PENDING') AND p.listing ->> 'series' = provider_approval.listing ->> 'series' AND p.listing ->> 'edition' = provider_approval.listing ->> 'edition')",
    ),
    (
        "an approved provider whom everybody sees without an approval in force",
        "publication",
        "kind = 'ApprovedProvider' AND NOT EXISTS (SELECT 1 FROM provider_approval a WHERE a.id = publication.id AND a.state IN ('APPROVED', 'PRICE_PENDING'))",
    ),
    (
        "an approval in force that nobody sees",
        "provider_approval",
        "state IN ('APPROVED', 'PRICE_PENDING') AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.id = provider_approval.id \
         AND p.kind = 'ApprovedProvider' AND p.row -> 'listing' = provider_approval.listing)",
    ),
    (
        "a relation by an order that is over",
        "care_relation",
        "basis = 'ORDER' AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = care_relation.ground_id \
         AND o.state IN ('CONFIRMED', 'IN_DELIVERY', 'PAUSED'))",
    ),
    (
        "a counter of a contract that does not say what was ordered",
        "drawdown",
        "(SELECT SUM(d.ordered_cents - d.destroyed_cents) FROM drawdown d WHERE d.line_id = drawdown.line_id) <> (SELECT COALESCE(SUM(CASE WHEN o.state IN ('PLACED', 'CONFIRMED', 'IN_DELIVERY', 'PAUSED') THEN o.cost_cents ELSE o.delivered_cents END), 0) FROM purchase_order o \
         WHERE o.line_id = drawdown.line_id)",
    ),
    (
        "an order that ended and does not say how, or the other way round",
        "purchase_order",
        "(state IN ('COMPLETED', 'TERMINATED', 'SETTLED')) <> (ended_as IS NOT NULL) OR (state IN ('COMPLETED', 'TERMINATED') AND state <> ended_as)",
    ),
    (
        "an order that is settled and of which nothing is on an invoice, or not all",
        "purchase_order",
        "state = 'SETTLED' AND (NOT EXISTS (SELECT 1 FROM delivery_event e WHERE e.ground_id = purchase_order.id AND e.state = 'INVOICED') \
         OR EXISTS (SELECT 1 FROM delivery_event e WHERE e.ground_id = purchase_order.id AND e.state NOT IN ('INVOICED', 'VOIDED')))",
    ),
    (
        "an order that is not counted",
        "purchase_order",
        "placed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM drawdown d WHERE d.line_id = purchase_order.line_id)",
    ),
    (
        "a counter of a contract that does not say what was delivered or invoiced",
        "drawdown",
        "(SELECT SUM(d.delivered_cents - d.destroyed_delivered_cents) FROM drawdown d WHERE d.line_id = drawdown.line_id) <> (SELECT COALESCE(SUM(e.cost_cents), 0) \
         FROM delivery_event e WHERE e.line_id = drawdown.line_id AND e.state <> 'VOIDED') \
         OR (SELECT SUM(d.invoiced_cents - d.destroyed_invoiced_cents) FROM drawdown d WHERE d.line_id = drawdown.line_id) <> (SELECT COALESCE(SUM(e.cost_cents), 0) \
         FROM delivery_event e WHERE e.line_id = drawdown.line_id AND e.state = 'INVOICED')",
    ),
    (
        "an order that does not say what was delivered of it, or of which more was delivered than ordered",
        "purchase_order",
        "delivered_cents <> (SELECT COALESCE(SUM(e.cost_cents), 0) FROM delivery_event e WHERE e.ground_id = purchase_order.id AND e.state <> 'VOIDED') \
         OR delivered_hundredths > quantity_hundredths OR delivered_cents > COALESCE(cost_cents, 0)",
    ),
    (
        "a delivery of an order that has not begun by then, or at another price",
        "delivery_event",
        "NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = delivery_event.ground_id AND o.unit_price_cents = delivery_event.unit_price_cents \
         AND (delivery_event.kind = 'CANCELLATION_FEE' OR o.begun_on <= delivery_event.effective_date)) AND state <> 'VOIDED' AND contract_id IS NOT NULL",
    ),
    (
        "a fee of what was neither cancelled nor ended late by its terms, or a second one",
        "delivery_event",
        "kind = 'CANCELLATION_FEE' AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = delivery_event.ground_id \
         AND o.cancel_share_bp IS NOT NULL AND o.agreed_start_on IS NOT NULL \
         AND (o.state = 'CANCELLED' AND o.ended_on = delivery_event.effective_date \
         OR o.ended_as = 'TERMINATED' AND o.ended_on <= delivery_event.effective_date AND delivery_event.effective_date < o.ends_on) \
         AND NOT EXISTS (SELECT 1 FROM delivery_event e WHERE e.ground_id = o.id AND e.id <> delivery_event.id AND e.kind = 'CANCELLATION_FEE'))",
    ),
    (
        "a delivery by neither an order nor a voucher, or by both",
        "delivery_event",
        "(contract_id IS NULL) <> (line_id IS NULL) OR (contract_id IS NULL) <> (voucher_number IS NOT NULL) OR (voucher_number IS NULL) <> (own_share_cents IS NULL)",
    ),
    (
        "a delivery by a voucher that is another provider's, or at another price, or on no day of it",
        "delivery_event",
        "voucher_number IS NOT NULL AND state <> 'VOIDED' AND NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = delivery_event.ground_id AND v.number = delivery_event.voucher_number \
         AND v.provider_id = delivery_event.provider_id AND v.unit_price_cents = delivery_event.unit_price_cents \
         AND delivery_event.effective_date BETWEEN v.valid_from AND v.valid_to)",
    ),
    (
        "a voucher that does not say what is used of it, or of which more is used than it is for",
        "voucher",
        "used_cents <> (SELECT COALESCE(SUM(e.cost_cents), 0) FROM delivery_event e WHERE e.ground_id = voucher.id AND e.state <> 'VOIDED') \
         OR used_hundredths <> (SELECT COALESCE(SUM(e.quantity_hundredths), 0) FROM delivery_event e WHERE e.ground_id = voucher.id AND e.state <> 'VOIDED') \
         OR used_hundredths > quantity_hundredths OR (state IN ('ISSUED', 'REFUSED', 'CHOSEN') AND used_hundredths > 0) OR (state = 'IN_USE' AND used_hundredths = 0) \
         OR (state = 'USED_UP' AND used_hundredths < quantity_hundredths)",
    ),
    (
        "a settlement that was approved by whoever put it together",
        "voucher_settlement",
        "approved_by = drawn_up_by OR (state IN ('APPROVED', 'PAID') AND approved_by IS NULL)",
    ),
    ("a delivery that is approved at no time, or was and is not", "delivery_event", "(state IN ('APPROVED', 'INVOICED')) <> (approved_at IS NOT NULL)"),
    (
        "a delivery that is disputed or void without a reason",
        "delivery_event",
        "(state = 'DISPUTED' AND dispute IS NULL) OR (state = 'VOIDED') <> (voided IS NOT NULL)",
    ),
    (
        "a report that is awaited of what was never given",
        "provider_report",
        "state IN ('REQUESTED', 'SUBMITTED', 'RETURNED') AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = provider_report.order_id \
         AND o.state IN ('CONFIRMED', 'IN_DELIVERY', 'PAUSED', 'COMPLETED', 'TERMINATED', 'SETTLED'))",
    ),
    (
        "a report that tells nothing and was given, or was accepted at no time",
        "provider_report",
        "(submitted_at IS NOT NULL AND content IS NULL) OR (state = 'APPROVED') <> (approved_at IS NOT NULL)",
    ),
    (
        "somebody who came once and is counted twice",
        "delivery_event",
        "state <> 'VOIDED' AND EXISTS (SELECT 1 FROM delivery_event e WHERE e.attendance_id = delivery_event.attendance_id AND e.id <> delivery_event.id AND e.state <> 'VOIDED')",
    ),
    (
        "a contract of which more was ordered than it allows",
        "framework_contract",
        "ceiling_cents < (SELECT COALESCE(SUM(d.ordered_cents), 0) FROM drawdown d WHERE d.contract_id = framework_contract.id)",
    ),
    (
        "a decision by which more was ordered than it grants",
        "service_decision",
        "quantity_hundredths < (SELECT COALESCE(SUM(CASE WHEN o.state IN ('PLACED', 'CONFIRMED', 'IN_DELIVERY', 'PAUSED') THEN o.quantity_hundredths \
         ELSE (SELECT COALESCE(SUM(e.quantity_hundredths), 0) FROM delivery_event e WHERE e.ground_id = o.id AND e.state <> 'VOIDED' AND e.kind = 'SERVICE') END), 0) \
         FROM purchase_order o WHERE o.decision_id = service_decision.id) \
         OR value_cents < (SELECT COALESCE(SUM(CASE WHEN o.state IN ('PLACED', 'CONFIRMED', 'IN_DELIVERY', 'PAUSED') THEN o.cost_cents \
         ELSE (SELECT COALESCE(SUM(e.cost_cents), 0) FROM delivery_event e WHERE e.ground_id = o.id AND e.state <> 'VOIDED' AND e.kind = 'SERVICE') END), 0) \
         FROM purchase_order o WHERE o.decision_id = service_decision.id)",
    ),
    (
        "a needs assessment that goes on in a closed case",
        "needs_assessment",
        "state = 'IN_PROGRESS' AND EXISTS (SELECT 1 FROM client_case c WHERE c.id = needs_assessment.case_id AND c.stage = 'CLOSED')",
    ),
    ("a referral that was sent without a consent or a law", "referral", "sent_at IS NOT NULL AND consent_id IS NULL AND content ->> 'legalBasis' IS NULL"),
    (
        "a referral that was sent without an entry in the disclosure log",
        "referral",
        "sent_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM disclosure_log_entry d WHERE d.ground_id IN (referral.consent_id, referral.id))",
    ),
    (
        "a referral that was sent without notice",
        "referral",
        "sent_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.referral_id = referral.id AND n.kind = 'REFERRAL_SENT')",
    ),
    (
        "a referral that goes on after its consent has ended",
        "referral",
        "state IN ('SENT', 'RECEIVED', 'INFO_REQUESTED') AND EXISTS (SELECT 1 FROM consent c WHERE c.id = referral.consent_id AND c.state <> 'GIVEN')",
    ),
    ("a referral that expired in somebody's hands", "referral", "state = 'EXPIRED' AND (handler IS NOT NULL OR answered_at IS NOT NULL)"),
    (
        "a referral that was passed on to nobody",
        "referral",
        "state = 'REDIRECTED' AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.previous_id = referral.id AND r.organization_id = referral.recipient_id)",
    ),
    (
        "a disclosure of nothing that was sent",
        "disclosure_log_entry",
        "NOT EXISTS (SELECT 1 FROM referral r WHERE disclosure_log_entry.ground_id IN (r.consent_id, r.id) AND r.sent_at IS NOT NULL) \
         AND NOT EXISTS (SELECT 1 FROM participation p WHERE p.consent_id = disclosure_log_entry.ground_id) \
         AND NOT EXISTS (SELECT 1 FROM care_relation r WHERE r.id = disclosure_log_entry.ground_id) \
         AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = disclosure_log_entry.ground_id) \
         AND NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = disclosure_log_entry.ground_id)",
    ),
    ("a published service without its copy", "service", "publishing = 'PUBLISHED' AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.id = service.id)"),
    (
        "a copy of what is not published",
        "publication",
        "kind = 'Service' AND NOT EXISTS (SELECT 1 FROM service s WHERE s.id = publication.id AND s.publishing = 'PUBLISHED')",
    ),
    (
        "an offering with other places taken than there are people on them",
        "service_offering",
        "places_taken <> (SELECT COUNT(*) FROM participation p WHERE p.offering_id = service_offering.id AND p.session_id IS NULL AND p.state IN ('ENROLLED', 'STARTED', 'PAUSED'))",
    ),
    (
        "an offering with other places taken by clients of the network than there are such clients on them",
        "service_offering",
        "network_taken <> (SELECT COUNT(*) FROM participation p WHERE p.offering_id = service_offering.id AND p.session_id IS NULL AND p.state IN ('ENROLLED', 'STARTED', 'PAUSED') \
         AND (p.referral_id IS NOT NULL OR p.source IN ('REFERRAL', 'OWN_SERVICE')))",
    ),
    (
        "a session with other places taken than there are people on them",
        "session",
        "places_taken <> (SELECT COUNT(*) FROM participation p WHERE p.session_id = session.id AND p.state IN ('ENROLLED', 'STARTED', 'PAUSED'))",
    ),
    (
        "a session with other places taken by clients of the network than there are such clients on them",
        "session",
        "network_taken <> (SELECT COUNT(*) FROM participation p WHERE p.session_id = session.id AND p.state IN ('ENROLLED', 'STARTED', 'PAUSED') \
         AND (p.referral_id IS NOT NULL OR p.source IN ('REFERRAL', 'OWN_SERVICE')))",
    ),
    (
        "a participation in a session of another offering",
        "participation",
        "session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM session s WHERE s.id = participation.session_id AND s.offering_id = participation.offering_id)",
    ),
    (
        "a participation that goes on in a session that is cancelled, or waits for one that was held",
        "participation",
        "ended_on IS NULL AND EXISTS (SELECT 1 FROM session s WHERE s.id = participation.session_id \
         AND (s.state = 'CANCELLED' OR s.state = 'HELD' AND participation.state IN ('PROPOSED', 'ACCEPTED_BY_CLIENT', 'WAITLISTED')))",
    ),
    (
        "two groups at once in a venue that holds one",
        "session",
        "state <> 'CANCELLED' AND EXISTS (SELECT 1 FROM session o JOIN service_offering a ON a.id = session.offering_id \
         JOIN service_offering b ON b.id = o.offering_id JOIN venue v ON v.id = COALESCE(session.venue_id, a.venue_id) AND v.id = COALESCE(o.venue_id, b.venue_id) \
         WHERE o.id <> session.id AND o.state <> 'CANCELLED' AND o.starts_at < session.ends_at AND session.starts_at < o.ends_at \
         AND a.publishing NOT IN ('WITHDRAWN', 'DISCARDED') AND b.publishing NOT IN ('WITHDRAWN', 'DISCARDED') \
         AND CAST(COALESCE(v.content ->> 'shared', '0') AS TEXT) NOT IN ('1', 'true'))",
    ),
    (
        "two who came to an offering at once",
        "participation",
        "EXISTS (SELECT 1 FROM participation p WHERE p.offering_id = participation.offering_id AND p.arrival = participation.arrival AND p.id <> participation.id)",
    ),
    (
        "two places of one client in one offering, or in one session of it",
        "participation",
        "ended_on IS NULL AND EXISTS (SELECT 1 FROM participation p WHERE p.offering_id = participation.offering_id AND p.client_id = participation.client_id \
         AND COALESCE(p.session_id, p.offering_id) = COALESCE(participation.session_id, participation.offering_id) AND p.id <> participation.id AND p.ended_on IS NULL)",
    ),
    ("a place that is held for nobody", "participation", "held_until IS NOT NULL AND state <> 'ENROLLED'"),
    (
        "a participation that goes on after its consent has ended",
        "participation",
        "ended_on IS NULL AND EXISTS (SELECT 1 FROM consent c WHERE c.id = participation.consent_id AND c.state <> 'GIVEN')",
    ),
    (
        "a client known to those who give another's service without an entry in the disclosure log",
        "participation",
        "client_id IS NOT NULL AND alias IS NOT NULL AND provider_id <> organization_id \
         AND NOT EXISTS (SELECT 1 FROM disclosure_log_entry d WHERE d.ground_id = participation.consent_id)",
    ),
    (
        "somebody who came and has not started",
        "attendance",
        "status IN ('PRESENT', 'LATE') AND NOT EXISTS (SELECT 1 FROM participation p WHERE p.id = attendance.participation_id AND p.started_on IS NOT NULL)",
    ),
    (
        "a visit that is under way or over and tells nothing of when it was",
        "visit",
        "state IN ('UNDER_WAY', 'DONE') AND checked_in_at IS NULL AND minutes IS NULL",
    ),
    ("a visit that goes alone where it takes a pair", "visit", "pair_required AND CAST(workers AS TEXT) NOT LIKE '%\",%'"),
    ("a visit that is void without a reason, or has one and is not", "visit", "(state = 'VOIDED') <> (voided IS NOT NULL)"),
    ("a handle that is over and is still found by its code word", "anonymous_handle", "(state = 'ACTIVE') <> (hash IS NOT NULL)"),
    ("a handle that is over and still makes marks", "anonymous_handle", "(state = 'ACTIVE') <> (secret IS NOT NULL)"),
    (
        "a contact in a shift of another organisation",
        "anonymous_contact",
        "shift_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outreach_shift s WHERE s.id = anonymous_contact.shift_id AND s.organization_id = anonymous_contact.organization_id)",
    ),
    ("a record that is void without a reason, or has one and is not", "anonymous_contact", "(state = 'VOIDED') <> (voided IS NOT NULL)"),
    ("a feed that does not stand at its last event", "feed", "position <> (SELECT COALESCE(MAX(e.position), 0) FROM event e)"),
    ("a gap among the events", "feed", "position <> (SELECT COUNT(*) FROM event e)"),
    ("a use log that does not end at its head", "ledger_head", "log = 'use_log' AND position <> (SELECT COUNT(*) FROM use_log_entry)"),
    ("a disclosure log that does not end at its head", "ledger_head", "log = 'disclosure_log' AND position <> (SELECT COUNT(*) FROM disclosure_log_entry)"),
    (
        "two entries of one request about one client",
        "use_log_entry",
        "EXISTS (SELECT 1 FROM use_log_entry o WHERE o.client_id = use_log_entry.client_id AND o.at = use_log_entry.at AND o.request_id = use_log_entry.request_id \
         AND o.outcome = use_log_entry.outcome AND o.id <> use_log_entry.id)",
    ),
    (
        "an entry about a client that names no purpose but the client's own",
        "use_log_entry",
        "client_id IS NOT NULL AND role IS NOT NULL AND role <> 'CLIENT' AND purpose IS NULL",
    ),
    ("a webhook of which nobody knows how far it is", "webhook", "NOT EXISTS (SELECT 1 FROM webhook_progress p WHERE p.webhook_id = webhook.id)"),
    (
        "a delivery of what its webhook has not come to",
        "webhook_delivery",
        "position > (SELECT p.position FROM webhook_progress p WHERE p.webhook_id = webhook_delivery.webhook_id)",
    ),
    ("a webhook that is disabled for nothing", "webhook", "(state = 'DISABLED') <> (fault IS NOT NULL)"),
    ("a delivery that has arrived without having been sent", "webhook_delivery", "state = 'DELIVERED' AND tried_since IS NULL"),
];

/// Tables whose every change leaves an audit row, and what their rows are called there.
const AUDITED: &[(&str, &str)] = &[
    ("client", "Client"),
    ("person", "Person"),
    ("care_relation", "CareRelation"),
    ("consent", "Consent"),
    ("referral", "Referral"),
    ("client_case", "Case"),
    ("case_event", "CaseEvent"),
    ("intake_baseline", "IntakeBaseline"),
    ("goal", "Goal"),
    ("client_entry", "ClientEntry"),
    ("needs_assessment", "NeedsAssessment"),
    ("client_plan", "ClientPlan"),
    ("final_assessment", "FinalAssessment"),
    ("service_decision", "ServiceDecision"),
    ("follow_on_path", "FollowOnPath"),
    ("service", "Service"),
    ("participation", "Participation"),
    ("attendance", "Attendance"),
    ("visit", "Visit"),
    ("anonymous_contact", "AnonymousContact"),
    ("outreach_shift", "OutreachShift"),
    ("open_event", "OpenEvent"),
    ("drop_in_day", "DropInDay"),
    ("procurement", "Procurement"),
    ("framework_contract", "FrameworkContract"),
    ("contract_line", "ContractLine"),
    ("purchase_order", "PurchaseOrder"),
    ("voucher", "Voucher"),
    ("complaint", "Complaint"),
    ("delivery_event", "DeliveryEvent"),
    ("provider_report", "ProviderReport"),
    ("rulebook", "Rulebook"),
    ("provider_approval", "ProviderApproval"),
    ("drawdown", "Drawdown"),
    ("invoice", "Invoice"),
    ("voucher_settlement", "VoucherSettlement"),
    ("webhook", "Webhook"),
];

/// Looks for all of it.
pub async fn nothing_is_wrong(url: &str) {
    let counts = WRONG.iter().map(|(word, table, condition)| ((*word).to_owned(), *table, (*condition).to_owned()));
    let unaudited = AUDITED.iter().map(|(table, resource)| {
        // What is only added to becomes another client's without a version of its own.
        let added_to = Resource::ALL.iter().any(|known| known.is_only_added_to() && format!("{known:?}") == *resource);
        let counted = if added_to { " AND a.action = 'Create'" } else { "" };
        let rows = format!("version <> (SELECT COUNT(*) FROM audit a WHERE a.row_id = {table}.id AND a.resource = '{resource}'{counted})");
        (format!("a change of {table} without its audit row"), *table, rows)
    });
    // One question for all: `word` where there is such a row.
    let query: Vec<_> = counts
        .chain(unaudited)
        .map(|(word, table, condition)| format!("SELECT '{}' WHERE EXISTS (SELECT 1 FROM {table} WHERE {condition})", word.replace('\'', "''")))
        .collect();
    assert_eq!(texts(url, &query.join(" UNION ALL ")).await, Vec::<String>::new());
}

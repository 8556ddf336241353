"""What a webhook can be about: the vendor's numbers in their order, and ours behind them (conventions §10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.domain.webhook import OUR_ACTIONS

_VENDOR: Final = """
    None CoworkerUpdate CoworkerCreate BlogPostCreate BlogPostUpdate BookingCreate BookingUpdate BookingDelete
    SendWelcomeEmail CoworkerContractActivate CoworkerContractCancel CoworkerContractRenew
    CoworkerContractUpgradeDowngrade CoworkerContractActivateFirst CoworkerInvoiceCreateFirst
    CoworkerInvoiceCreate CoworkerInvoiceDelete CoworkerInvoiceUpdate CoworkerInvoiceRefund
    CoworkerInvoiceCreditNote CoworkerInvoicePaid CoworkerInvoiceFailedPayment CoworkerInvoiceReceivedPayment
    CoworkerInvoiceAwaitingPayment CalendarEventCreate CalendarEventUpdate CalendarEventAttendeeDelete
    CalendarEventAttendeeCreate CalendarEventAttendeeUpdate GlobalChatMessageCreate NewsLetterSubscriberCreate
    NewsLetterSubscriberSubscribed NewsLetterSubscriberUnSubscribed NewsLetterSubscriberRemovedFromGroup
    CoworkerCheckout CoworkerCheckin CoworkerCheckinFailed VisitorNotification CommunityBoardNewThread
    CommunityBoardNewReply VisitorCheckedin VisitorRegistered BlogPostDelete CalendarEventDelete
    HelDeskMessageCreated HelpDeskCommentCreated CheckinCreated CheckinUpdated CheckinDeleted CoworkerDelete
    CoworkerMessageCreate DeliveryCreated DeliveryAssigned ProposalCreated ProposalUpdated ProposalDeleted
    TeamCreated TeamUpdated TeamDeleted CoworkerContractUpdate AccessControlUpdate CoworkerContractCreate
    FailedCheckin VisitorDeleted CoworkerInvoiceLedgerEntryCreate CoworkerInvoiceLedgerEntryDelete
    CoworkerInvoiceLedgerEntryUpdate CoworkerProductCreate CoworkerProductUpdate CoworkerProductDelete
    FloorPlanDeskCreate FloorPlanDeskDelete FloorPlanDeskUpdate TariffCreate TariffDelete TariffUpdate
    CoworkerContractDelete FloorPlanCreate FloorPlanDelete FloorPlanUpdate ProductCreate ProductDelete
    ProductUpdate BusinessUpdate CommunityGroupCreate CommunityGroupDelete CommunityGroupUpdate
    CoworkerPaymentMethodCreate CoworkerPaymentMethodDelete CoworkerPaymentMethodUpdate
"""
HOOK_ACTIONS: Final[Mapping[int, str]] = {**dict(enumerate(_VENDOR.split(), start=1)), **OUR_ACTIONS}

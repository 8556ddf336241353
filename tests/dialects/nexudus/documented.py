"""What the vendor documents, as plain names: filters of the CRM entities and members of every entity."""

from __future__ import annotations

from typing import Final

_FILTERS: Final = {
    "CrmBoard": """
        CrmBoard_Business CrmBoard_Name CrmBoard_Archived from_CrmBoard_CreatedOn to_CrmBoard_CreatedOn
        from_CrmBoard_UpdatedOn to_CrmBoard_UpdatedOn
    """,
    "CrmBoardColumn": """
        CrmBoardColumn_CrmBoard CrmBoardColumn_Name CrmBoardColumn_Position from_CrmBoardColumn_Position
        to_CrmBoardColumn_Position CrmBoardColumn_TourRequests CrmBoardColumn_ToursConfirmed
        CrmBoardColumn_TourCompleted CrmBoardColumn_WinOpportunity CrmBoardColumn_LoseOpportunity
        CrmBoardColumn_SignUps CrmBoardColumn_Bookings CrmBoardColumn_Cancellations CrmBoardColumn_ProposalsSent
        CrmBoardColumn_ProposalsAccepted CrmBoardColumn_DocumentsSigned CrmBoardColumn_EventRegistrations
        CrmBoardColumn_ContactMessages CrmBoardColumn_CannedResponse CrmBoardColumn_TaskList
        CrmBoardColumn_UseTaskListAsResponsible CrmBoardColumn_ActivateAccount CrmBoardColumn_DeleteAccount
        CrmBoardColumn_DeactivateAccount CrmBoardColumn_ConfirmTour CrmBoardColumn_ProductPurchased
        CrmBoardColumn_ResourceBooked CrmBoardColumn_EventCheckins CrmBoardColumn_CrmBoard_Name
        CrmBoardColumn_CrmBoard_Business_Id CrmBoardColumn_CrmBoard_Business_Name
        CrmBoardColumn_CrmBoard_Business_Currency_Id CrmBoardColumn_CrmBoard_Business_Currency_Code
        from_CrmBoardColumn_CreatedOn to_CrmBoardColumn_CreatedOn from_CrmBoardColumn_UpdatedOn
        to_CrmBoardColumn_UpdatedOn
    """,
    "CrmOpportunity": """
        CrmOpportunity_Name CrmOpportunity_CrmBoardColumn CrmOpportunity_Coworker CrmOpportunity_Team
        CrmOpportunity_OpportunityType CrmOpportunity_Responsible CrmOpportunity_Referrer CrmOpportunity_Agent
        CrmOpportunity_Notes CrmOpportunity_Completed CrmOpportunity_DueDate from_CrmOpportunity_DueDate
        to_CrmOpportunity_DueDate CrmOpportunity_Value from_CrmOpportunity_Value to_CrmOpportunity_Value
        CrmOpportunity_Reminded CrmOpportunity_LeadSource CrmOpportunity_LossReason CrmOpportunity_Status
        CrmOpportunity_WonOn from_CrmOpportunity_WonOn to_CrmOpportunity_WonOn CrmOpportunity_LostOn
        from_CrmOpportunity_LostOn to_CrmOpportunity_LostOn CrmOpportunity_Position from_CrmOpportunity_Position
        to_CrmOpportunity_Position CrmOpportunity_UtmSource CrmOpportunity_UtmMedium CrmOpportunity_UtmCampaign
        CrmOpportunity_UtmContent CrmOpportunity_UtmTerm CrmOpportunity_CrmBoardColumn_Name
        CrmOpportunity_CrmBoardColumn_CrmBoard_Id CrmOpportunity_CrmBoardColumn_CrmBoard_Name
        CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Id CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Name
        CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Currency_Id
        CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Currency_Code CrmOpportunity_Coworker_FullName
        CrmOpportunity_Coworker_CoworkerType CrmOpportunity_Coworker_CompanyName CrmOpportunity_Coworker_Email
        CrmOpportunity_Team_Name CrmOpportunity_Team_Description CrmOpportunity_Team_ProfileWebsite
        CrmOpportunity_OpportunityType_Name CrmOpportunity_Responsible_FullName from_CrmOpportunity_CreatedOn
        to_CrmOpportunity_CreatedOn from_CrmOpportunity_UpdatedOn to_CrmOpportunity_UpdatedOn
    """,
    "CrmOpportunityHistory": """
        CrmOpportunityHistory_CrmOpportunity CrmOpportunityHistory_OldCrmBoardColumn
        CrmOpportunityHistory_FromTime from_CrmOpportunityHistory_FromTime to_CrmOpportunityHistory_FromTime
        CrmOpportunityHistory_ToTime from_CrmOpportunityHistory_ToTime to_CrmOpportunityHistory_ToTime
        CrmOpportunityHistory_NewCrmBoardColumn CrmOpportunityHistory_User
        CrmOpportunityHistory_OldCrmBoardColumn_Name CrmOpportunityHistory_NewCrmBoardColumn_Name
        CrmOpportunityHistory_User_FullName from_CrmOpportunityHistory_CreatedOn
        to_CrmOpportunityHistory_CreatedOn from_CrmOpportunityHistory_UpdatedOn
        to_CrmOpportunityHistory_UpdatedOn
    """,
    "OpportunityType": """
        OpportunityType_Business OpportunityType_Name OpportunityType_NotesTemplate
        from_OpportunityType_CreatedOn to_OpportunityType_CreatedOn from_OpportunityType_UpdatedOn
        to_OpportunityType_UpdatedOn
    """,
    "CoworkerTask": """
        CoworkerTask_Business CoworkerTask_Coworker CoworkerTask_Name CoworkerTask_Notes
        CoworkerTask_TaskItemUniqueId CoworkerTask_Completed CoworkerTask_DueDate from_CoworkerTask_DueDate
        to_CoworkerTask_DueDate CoworkerTask_Reminded CoworkerTask_Responsible CoworkerTask_NotifyByEmail
        CoworkerTask_DisplayToEveryone CoworkerTask_DueDateLocal from_CoworkerTask_DueDateLocal
        to_CoworkerTask_DueDateLocal CoworkerTask_Business_Name CoworkerTask_Coworker_FullName
        CoworkerTask_Coworker_CompanyName CoworkerTask_Coworker_TeamNames CoworkerTask_Responsible_FullName
        from_CoworkerTask_CreatedOn to_CoworkerTask_CreatedOn from_CoworkerTask_UpdatedOn
        to_CoworkerTask_UpdatedOn
    """,
    "CannedResponse": """
        CannedResponse_Business CannedResponse_Name CannedResponse_Subject CannedResponse_MessageText
        from_CannedResponse_CreatedOn to_CannedResponse_CreatedOn from_CannedResponse_UpdatedOn
        to_CannedResponse_UpdatedOn
    """,
    "TaskList": """
        TaskList_Business TaskList_Name TaskList_Active TaskList_AssignToNewContacts TaskList_AssignToNewMembers
        TaskList_AssignToCancellations from_TaskList_CreatedOn to_TaskList_CreatedOn from_TaskList_UpdatedOn
        to_TaskList_UpdatedOn
    """,
    "TaskItem": """
        TaskItem_TaskList TaskItem_Responsible TaskItem_Name TaskItem_Active TaskItem_NotifyByEmail
        TaskItem_DisplayToEveryone TaskItem_DelayInHours from_TaskItem_DelayInHours to_TaskItem_DelayInHours
        TaskItem_Responsible_FullName from_TaskItem_CreatedOn to_TaskItem_CreatedOn from_TaskItem_UpdatedOn
        to_TaskItem_UpdatedOn
    """,
    "CustomField": """
        CustomField_Business CustomField_Name CustomField_DisplayOrder from_CustomField_DisplayOrder
        to_CustomField_DisplayOrder CustomField_RecordType CustomField_FieldType
        CustomField_CoworkerFieldPosition CustomField_AvailableOptions CustomField_AllowMultipleOptions
        CustomField_CustomFieldIndex from_CustomField_CustomFieldIndex to_CustomField_CustomFieldIndex
        CustomField_Required CustomField_GroupName CustomField_DisplayInPublicProfile
        CustomField_DisplayInDirectorySearch CustomField_NameInSearch CustomField_Visibility
        CustomField_DisplayInSignUpForm CustomField_DisplayInProfileForm CustomField_DisplayInTourForm
        CustomField_DisplayInEventSignUpForm CustomField_ShowInBookingForm
        CustomField_DisplayInProductSignUpForm CustomField_DisplayInTeamSignUpForm
        CustomField_DisplayInCourseSignUpForm CustomField_DisplayInTariffSignUpForm
        CustomField_DisplayInBookingSignUpForm CustomField_DisplayInResourceSearch from_CustomField_CreatedOn
        to_CustomField_CreatedOn from_CustomField_UpdatedOn to_CustomField_UpdatedOn
    """,
    "CrmOpportunityImportFile": """
        CrmOpportunityImportFile_Business CrmOpportunityImportFile_Name CrmOpportunityImportFile_Imported
        from_CrmOpportunityImportFile_CreatedOn to_CrmOpportunityImportFile_CreatedOn
        from_CrmOpportunityImportFile_UpdatedOn to_CrmOpportunityImportFile_UpdatedOn
    """,
    "Reminder": """
        Reminder_Business Reminder_Name Reminder_ForAllContacts Reminder_ForAllMembers
        Reminder_ForAllChildLocations Reminder_Coworker Reminder_ReminderType Reminder_ReminderDate
        from_Reminder_ReminderDate to_Reminder_ReminderDate Reminder_DaysAfterSignup
        from_Reminder_DaysAfterSignup to_Reminder_DaysAfterSignup Reminder_Product Reminder_Survey
        Reminder_DaysAfterRenewal from_Reminder_DaysAfterRenewal to_Reminder_DaysAfterRenewal
        Reminder_DaysBeforeRenewal from_Reminder_DaysBeforeRenewal to_Reminder_DaysBeforeRenewal
        Reminder_ReminderAction Reminder_Email Reminder_CannedResponse Reminder_NextProcessTime
        from_Reminder_NextProcessTime to_Reminder_NextProcessTime Reminder_OnlySendToTeamPayingMembers
        Reminder_OnlySendToActiveCoworkers Reminder_BlockingPeriodMinutes from_Reminder_BlockingPeriodMinutes
        to_Reminder_BlockingPeriodMinutes Reminder_Business_Name Reminder_Product_Name Reminder_Survey_Name
        Reminder_CannedResponse_Name from_Reminder_CreatedOn to_Reminder_CreatedOn from_Reminder_UpdatedOn
        to_Reminder_UpdatedOn
    """,
}

_MEMBERS: Final = {
    "CrmBoard": """
        BusinessId Name Archived
    """,
    "CrmBoardColumn": """
        CrmBoardId CrmBoardName CrmBoardBusinessId CrmBoardBusinessName CrmBoardBusinessCurrencyId
        CrmBoardBusinessCurrencyCode Name Position TourRequests ToursConfirmed TourCompleted WinOpportunity
        LoseOpportunity SignUps Bookings Cancellations ProposalsSent ProposalsAccepted DocumentsSigned
        EventRegistrations ContactMessages CannedResponseId TaskListId UseTaskListAsResponsible ActivateAccount
        DeleteAccount DeactivateAccount ConfirmTour ProductPurchased Products AddedProducts RemovedProducts
        ResourceBooked Resources AddedResources RemovedResources EventCheckins OpportunitiesCount
        OpportunitiesValue DueCount
    """,
    "CrmOpportunity": """
        Name CrmBoardColumnId CrmBoardColumnName CrmBoardColumnCrmBoardId CrmBoardColumnCrmBoardName
        CrmBoardColumnCrmBoardBusinessId CrmBoardColumnCrmBoardBusinessName
        CrmBoardColumnCrmBoardBusinessCurrencyId CrmBoardColumnCrmBoardBusinessCurrencyCode CoworkerId
        CoworkerFullName CoworkerCoworkerType CoworkerCompanyName CoworkerEmail TeamId TeamName TeamDescription
        TeamProfileWebsite OpportunityTypeId OpportunityTypeName ResponsibleId ResponsibleFullName ReferrerId
        AgentId Notes Completed DueDate Value Reminded LeadSource LossReason Status WonOn LostOn CrmUpdatedOn
        Position UtmSource UtmMedium UtmCampaign UtmContent UtmTerm
    """,
    "CrmOpportunityHistory": """
        CrmOpportunityId OldCrmBoardColumnId OldCrmBoardColumnName FromTime ToTime NewCrmBoardColumnId
        NewCrmBoardColumnName UserId UserFullName
    """,
    "OpportunityType": """
        BusinessId Name NotesTemplate
    """,
    "CoworkerTask": """
        BusinessId BusinessName CoworkerId CoworkerFullName CoworkerCompanyName CoworkerTeamNames Name Notes
        TaskListName TaskItemUniqueId FormPageRequestUniqueId Completed DueDate Reminded ResponsibleId
        ResponsibleFullName NotifyByEmail DisplayToEveryone DueDateLocal
    """,
    "CannedResponse": """
        BusinessId BusinessName Name Subject MessageText
    """,
    "TaskList": """
        BusinessId BusinessName Name Active Tariffs AddedTariffs RemovedTariffs AssignToNewContacts
        AssignToNewMembers AssignToCancellations
    """,
    "TaskItem": """
        TaskListId ResponsibleId ResponsibleFullName Name Active NotifyByEmail DisplayToEveryone DelayInHours
    """,
    "CustomField": """
        BusinessId Name DisplayOrder RecordType FieldType CoworkerFieldPosition AvailableOptions
        AllowMultipleOptions CustomFieldIndex Required GroupName DisplayInPublicProfile DisplayInDirectorySearch
        NameInSearch Visibility DisplayInSignUpForm DisplayInProfileForm DisplayInTourForm
        DisplayInEventSignUpForm ShowInBookingForm DisplayInProductSignUpForm DisplayInTeamSignUpForm
        DisplayInCourseSignUpForm DisplayInTariffSignUpForm DisplayInBookingSignUpForm DisplayInResourceSearch
        Resources AddedResources RemovedResources
    """,
    "Coworker": """
        CoworkerType Businesses AddedBusinesses RemovedBusinesses Teams AddedTeams RemovedTeams FullName
        Salutation Gender Email CreateUser Address PostCode CityName State CountryId SimpleTimeZoneId
        MobilePhone LandLine DateOfBirth NickName BusinessArea Position CompanyName ProfileWebsite ProfileTags
        ProfileSummary Twitter Facebook Google Telegram Linkedin Skype Github Pinterest Flickr Instagram Vimeo
        Tumblr Blogger ProfileIsPublic InvoicingBusinessId InvoicingBusinessName BillingEmail BillingName
        BillingAddress BillingPostCode BillingCityName BillingState BillingCountryId BillingSimpleTimeZoneId
        TaxRateType TaxRate TaxIDNumber NotifyOnNewInvoice NotifyOnNewPayment NotifyOnFailedPayment
        ShowPayingMemberInvoices AllowNetworkCheckin AccessCardId AccessPincode KeyFobNumber NotifyOnDelivery
        CanMakeBookings CanBookForTeam CanPurchaseProducts CanPurchaseEvents CanAccessCommunity ReferenceNumber
        Tag Notes ShowAlert AlertNote UserId UserFullName UserIsAdmin UserLastAccess UserActive
        UserReceiveCommunityDigest UserReceiveEveryMessage Active NextAutoInvoice InvoiceDueDatePeriod
        RegistrationDate GeneralTermsAccepted Custom1 Custom2 Custom3 Custom4 Custom5 Custom6 Custom7 Custom8
        Custom9 Custom10 Custom11 Custom12 Custom13 Custom14 Custom15 Custom16 Custom17 Custom18 Custom19
        Custom20 Custom21 Custom22 Custom23 Custom24 Custom25 Custom26 Custom27 Custom28 Custom29 Custom30
        PurchaseOrder CoworkerContractIds CoworkerContractTariffNames BillingDay TariffId TariffName RenewalDate
        TeamName TeamId TeamNames TeamIds ChurnProbability EngagementLevel MondayAttendance TuesdayAttendance
        WednesdayAttendance ThursdayAttendance FridayAttendance SaturdayAttendance SundayAttendance Longitude
        Latitude BillingLongitude BillingLatitude Archived NewAvatarUrl AvatarFileName ClearAvatarFile
        NewBannerImageUrl BannerImageFileName ClearBannerImageFile NextTariffId NextTariffName StartDate
        TourDate TourBusinessId CancellationDate ShortDescription IsTeamAdministrator HasDueInvoices IsAdmin
        SignUpToNewsletter BusinessNames Password InvoicingOrder GuessedFirstName GuessedLastName
        GuessedFirstNameForInvoice GuessedLastNameForInvoice
    """,
    "Team": """
        BusinessId BusinessName Name Description TunnelPrivateGroupId TeamMembers AddedTeamMembers
        RemovedTeamMembers TeamAdministrators AddedTeamAdministrators RemovedTeamAdministrators
        CreateSingleInvoiceForTeam UseSpecialPrices PayingMemberId PayingMemberFullName PayingMemberCoworkerType
        PayingMemberBillingName PayingMemberCompanyName DefaultMemberTariffId DefaultMemberTariffName
        MaxTeamMemberCount TransferCreditsToPayingMember ShareTimePasses ShareExtraServices ShareBookingCredit
        DiscountExtraServices DiscountTimePasses DiscountCharges DiscountTariffs ProfileSummary ProfileTags
        ProfileWebsite GoogleMapsLink ProfileIsPublic HasCommunityGroup Twitter Facebook Linkedin Skype Telegram
        Github Pinterest Flickr Instagram Vimeo Tumblr Blogger CoworkerIds CoworkerFullNames
        CoworkerBillingNames ActiveContracts AvgChurnProbability EngagementLevel DisableAttendanceDashboard
        ExtraServices
    """,
    "User": """
        FullName Email AccessToken Language PreferredLanguageId NewPassword Password PasswordSalt Active IsAdmin
        APIAccess Validated MustResetPassword LastAccess Businesses UserRoles ChatRooms DefaultBusinessId
        TwoFactorEnabled LastHelpVisited InvalidLoginAttempts LastLoginAttempt
    """,
    "Business": """
        Name DefaultLanguage SpaceWebsiteLanguageId SpaceWebsiteLanguageCulture RootLocationId WebAddress
        ShortIntroduction AboutUs TermsAndConditions WebContact Address Phone Fax EmailContact CountryId
        CountryName CurrencyId CurrencyCode SimpleTimeZoneId Suspended Tags TownCity State PostalCode
    """,
    "Currency": """
        Name Code Format
    """,
    "CrmOpportunityImportFile": """
        BusinessId Name NewFileDataUrl FileDataFileName ClearFileDataFile Imported
    """,
    "Reminder": """
        BusinessId BusinessName Name ForAllContacts ForAllMembers ForAllChildLocations CoworkerId Tariffs
        ReminderType ReminderDate DaysAfterSignup ProductId ProductName SurveyId SurveyName DaysAfterRenewal
        DaysBeforeRenewal ReminderAction Email CannedResponseId CannedResponseName NextProcessTime Resources
        OnlySendToTeamPayingMembers OnlySendToActiveCoworkers BlockingPeriodMinutes
    """,
    "CoworkerNote": """
        CoworkerId Notes AddedBy
    """,
    "CoworkerMessage": """
        CoworkerId CoworkerFullName CoworkerEmail CoworkerBillingName CoworkerCompanyName EmailAccountId
        EmailAccountDisplayName EmailAccountEmailAddress Subject Body IsNewMessage Incoming MessageId
        ReminderUniqueId
    """,
    "CoworkerDataFile": """
        BusinessId BusinessName CoworkerId CoworkerFullName CoworkerCoworkerType CoworkerCompanyName
        CoworkerBillingName Name Description AvailableToUser RequestDigitalSignature Signed DocumentTemplateGuid
        NotifyWhenSignedEmail ProposalGuid CoworkerContractGuid NewFileDataUrl FileDataFileName
        ClearFileDataFile NewSignedFileDataUrl SignedFileDataFileName ClearSignedFileDataFile
    """,
    "Proposal": """
        IssuedById IssuedByName IssuedByCurrencyCode ResponsibleId ResponsibleFullName CoworkerId
        CoworkerCoworkerType CoworkerFullName CoworkerCompanyName CoworkerBillingName Reference Notes
        ProposalStatus DocumentToSendId DocumentToSignId TariffId TariffName TariffPrice Price StartDate
        CancellationLimitDays ContractTerm CancellationDate ExpirationDate BillingDay Quantity DiscountCodeId
        SentOn CustomerLastOpenedDate DoNotIssueInvoice Desks Variants Total SignupTotal RecurringTotal
    """,
    "FormPage": """
        BusinessId BusinessName Name Description Active CrmBoardColumnId CrmBoardColumnName
        CrmBoardColumnCrmBoardId CrmBoardColumnCrmBoardName ResponsibleId ResponsibleFullName
    """,
    "FormPageRequest": """
        CoworkerId CoworkerCoworkerType CoworkerFullName CoworkerCompanyName CoworkerBillingName CoworkerEmail
        FormPageId FormPageName FormPageBusinessName SentOn Submitted EventAttendeeUniqueId
        CalendarEventUniqueId CoworkerContractUniqueId
    """,
    "WebHook": """
        BusinessId Name Action Description URL Active ErrorCount LastError LastTrigger
    """,
    "BusinessSetting": """
        BusinessId Name Value
    """,
}
_STANDARD: Final = """
    Id UpdatedOn CreatedOn UniqueId UpdatedBy IsNew SystemId ToStringText LocalizationDetails CustomFields
"""
FILTERS: Final = {entity: names.split() for entity, names in _FILTERS.items()}
MEMBERS: Final = {entity: names.split() for entity, names in _MEMBERS.items()}
STANDARD: Final = tuple(name for name in _STANDARD.split())

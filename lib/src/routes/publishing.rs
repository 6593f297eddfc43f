//! Operations of scheduling and publishing.

use super::documented::Documented;
use crate::publishing::feed::Calendar;
use crate::publishing::{
    CategoriesQuery, Category, FreeSlot, ListQuery, ScheduleBody, SlotsQuery, Upload, UploadChanges,
};
use platform::endpoint::{
    Access, AnyQuery, Empty, ExtraResponse, Kind, Limit, Operation, Page, Raw,
};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[
    &LIST,
    &CREATE,
    &GET,
    &UPDATE,
    &CANCEL,
    &SLOTS,
    &CATEGORIES,
    &READ_CALENDAR,
    &CREATE_CALENDAR,
    &DELETE_CALENDAR,
];

/// `GET /api/schedule`
pub const LIST: Operation<ListQuery, Empty, Page<Upload>> = Operation::get("listUploads", "/api/schedule")
    .summary("Lists scheduled and published videos by their publish time.")
    .order("Earliest publish time first, unless `sort` says otherwise.")
    .describe("A range of the calendar is asked for with `from` and `to`; every upload tells its time as an instant and on the clocks of its zone.");

/// `POST /api/schedule`
pub const CREATE: Operation<Empty, ScheduleBody, Upload> = Operation::post("scheduleUpload", "/api/schedule")
    .summary("Schedules a render for publication.")
    .describe("The upload starts as soon as the render is ready, ahead of the publish time, as a private video that YouTube itself publishes. Refused while the made-for-kids and altered-content answers are missing.")
    .limit(Limit::Write)
    .idempotent()
    .problems(&[
        Kind::NotFound, Kind::RoleTooLow, Kind::AnswersMissing, Kind::PublishTimePast,
        Kind::SlotTaken, Kind::DuplicateTitle, Kind::DuplicateUpload, Kind::UploadDayFull,
        Kind::ChannelDisconnected, Kind::InvalidState,
    ]);

/// `GET /api/schedule/{id}`
pub const GET: Operation<Empty, Empty, Upload> = Operation::get("getUpload", "/api/schedule/{id}")
    .summary("One upload with its state, reason and next action.")
    .editable();

/// `PATCH /api/schedule/{id}`
pub const UPDATE: Operation<Empty, UploadChanges, Upload> = Operation::patch("updateUpload", "/api/schedule/{id}")
    .summary("Moves an upload, changes its text while nothing was sent, or resumes one that needs attention.")
    .describe("After the upload only the time can be changed here; YouTube is told the new one.")
    .limit(Limit::Write)
    .editable()
    .problems(&[
        Kind::RoleTooLow, Kind::PublishTimePast, Kind::SlotTaken, Kind::DuplicateTitle,
        Kind::UploadDayFull, Kind::ChannelDisconnected, Kind::InvalidState,
    ]);

/// `DELETE /api/schedule/{id}`
pub const CANCEL: Operation<Empty, Empty, Empty> = Operation::delete("cancelUpload", "/api/schedule/{id}")
    .summary("Cancels an upload; a video that is on YouTube already is withdrawn.")
    .describe("204: it is `cancelled`; nothing had been sent. 202: YouTube may have the video; the upload at `Location` is `cancelling` until YouTube has been told, and `withdrawal` says how far that is.")
    .also(WITHDRAWING)
    .limit(Limit::Write)
    .editable()
    .problems(&[Kind::RoleTooLow, Kind::InvalidState]);

/// The answer of a cancellation that goes on.
const WITHDRAWING: &[ExtraResponse] = &[ExtraResponse {
    status: 202,
    body: None,
    when: "YouTube has to be told; `Location` shows how far that is.",
}];

/// `GET /api/schedule/slots`
pub const SLOTS: Operation<SlotsQuery, Empty, Page<FreeSlot>> =
    Operation::get("listSlots", "/api/schedule/slots")
        .summary("Lists a channel's next free slots, in its own time zone.")
        .describe("Those of the next 120 days, away from the channel's other videos, on days that have uploads left.")
        .order("Earliest first.")
        .problems(&[Kind::NotFound]);

/// `GET /api/schedule/calendar/{secret}.ics`
pub const READ_CALENDAR: Operation<AnyQuery, Empty, Raw> =
    Operation::get("readCalendar", "/api/schedule/calendar/{secret}.ics")
        .summary("The publication calendar as iCalendar, for calendar programs.")
        .describe("Calendar programs send no headers, so the secret in the address opens it. POST /api/schedule/calendar makes the address, POST again replaces it, DELETE ends it. Parameters that programs add are passed over; If-None-Match and If-Modified-Since are honoured.")
        .access(Access::Public)
        .produces("text/calendar")
        .also(&[ExtraResponse {
            status: 304,
            body: None,
            when: "The reader has it already.",
        }])
        .problems(&[Kind::NotFound]);

/// `POST /api/schedule/calendar`
pub const CREATE_CALENDAR: Operation<Empty, Empty, Calendar> =
    Operation::post("createCalendar", "/api/schedule/calendar")
        .summary("Makes your calendar address, or replaces it: the old one then leads nowhere.")
        .describe("The address is shown in this answer only. Send an Idempotency-Key, so that a repeated request does not replace it again.")
        .idempotent()
        .limit(Limit::Write);

/// `GET /api/schedule/categories`
pub const CATEGORIES: Operation<CategoriesQuery, Empty, Page<Category>> =
    Operation::get("listCategories", "/api/schedule/categories")
        .summary("Lists the categories that YouTube lets a video have.")
        .order("By YouTube's number.");

/// `DELETE /api/schedule/calendar`
pub const DELETE_CALENDAR: Operation<Empty, Empty, Empty> =
    Operation::delete("deleteCalendar", "/api/schedule/calendar")
        .summary("Ends your calendar address.")
        .limit(Limit::Write);

/**
 * The types of the HTTP API, for the dashboard: times are UTC epoch milliseconds, which a name ending in `Ms` says. The
 * schemas they are derived from, which also validate requests and describe the API, are in `src/http/wire/`.
 */

export type {
  AuditEntry,
  SessionEntry,
  SetupView,
  TokenView,
  UserView,
} from '../src/http/wire/access.ts';
export type { AlarmView } from '../src/http/wire/alarm.ts';
export type {
  DayList,
  DayView,
  ExportParts,
  ExportPartView,
  GapList,
  GapView,
  RecordingList,
  RecordingView,
  SegmentList,
  SegmentView,
} from '../src/http/wire/archive.ts';
export type {
  CameraInput,
  CameraList,
  CameraPatch,
  CameraView,
  ProbeInput,
  SourceInput,
} from '../src/http/wire/camera.ts';
export type { DeviceList } from '../src/http/wire/devices.ts';
export type { EventView } from '../src/http/wire/event.ts';
export type { ExportJobView } from '../src/http/wire/exportJob.ts';
export type { HeldCamera } from '../src/http/wire/holding.ts';
export type { MqttView } from '../src/http/wire/mqtt.ts';
export type { Problem } from '../src/http/wire/problem.ts';
export type { ScheduleInput, ScheduleView } from '../src/http/wire/schedule.ts';
export type { CameraStatus, GapCause, StreamFormat } from '../src/http/wire/status.ts';
export type {
  ProtectionList,
  ProtectionView,
  RetentionPolicy,
  StorageView,
} from '../src/http/wire/storage.ts';
export type { Health, LoginInput, Role, SessionView, SystemInfo } from '../src/http/wire/system.ts';
export type { CalendarView, CameraTimeline, TimelineView } from '../src/http/wire/timeline.ts';
export type { ViewerView } from '../src/http/wire/viewers.ts';
export type { DeliveryView, WebhookTest, WebhookView, WebhookWithSecret } from '../src/http/wire/webhook.ts';

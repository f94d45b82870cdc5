-- Version 1. Never changed: a later version is a file of its own that changes this one.
-- Absent causes, providers and enhanced status codes are '', absent codes 0, as keys cannot be null.

-- What was added. A run of new lines is pending until the next of its series comes; until then it may be added again,
-- after that its counts have the owner 1.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL UNIQUE,
  added INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  pending INTEGER NOT NULL
) STRICT;
INSERT INTO runs (id, run, added, lines, bytes, pending) VALUES (1, '', 0, 0, 0, 0);

-- From when to when (microseconds since 1970) an owner tells of a host.
CREATE TABLE spans (
  owner INTEGER NOT NULL,
  host TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  PRIMARY KEY (owner, host)
) STRICT, WITHOUT ROWID;

-- Periods are seconds since 1970, widths 3600 or 86400.
CREATE TABLE answers (
  period INTEGER NOT NULL,
  width INTEGER NOT NULL,
  host TEXT NOT NULL,
  owner INTEGER NOT NULL,
  direction TEXT NOT NULL,
  cause TEXT NOT NULL,
  code INTEGER NOT NULL,
  enhanced TEXT NOT NULL,
  provider TEXT NOT NULL,
  lines INTEGER NOT NULL,
  passing INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  code_messages INTEGER NOT NULL,
  code_recipients INTEGER NOT NULL,
  PRIMARY KEY (period, width, host, owner, direction, cause, code, enhanced, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic (
  period INTEGER NOT NULL,
  width INTEGER NOT NULL,
  host TEXT NOT NULL,
  owner INTEGER NOT NULL,
  direction TEXT NOT NULL,
  provider TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  handed_over INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  login_failures INTEGER NOT NULL,
  received INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  provider_recipients INTEGER NOT NULL,
  PRIMARY KEY (period, width, host, owner, direction, provider)
) STRICT, WITHOUT ROWID;

-- Only what has ended: what is still in the queue ends in a later log.
CREATE TABLE mail (
  period INTEGER NOT NULL,
  width INTEGER NOT NULL,
  host TEXT NOT NULL,
  owner INTEGER NOT NULL,
  kind TEXT NOT NULL,
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  began_before INTEGER NOT NULL,
  lost_track INTEGER NOT NULL,
  reinjected INTEGER NOT NULL,
  incomplete INTEGER NOT NULL,
  delivered_after_deferral INTEGER NOT NULL,
  ever_deferred INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  discarded INTEGER NOT NULL,
  held INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  handed_over INTEGER NOT NULL,
  messages_delivered INTEGER NOT NULL,
  messages_queued INTEGER NOT NULL,
  messages_bounced INTEGER NOT NULL,
  messages_expired INTEGER NOT NULL,
  messages_discarded INTEGER NOT NULL,
  messages_held INTEGER NOT NULL,
  messages_removed INTEGER NOT NULL,
  messages_unknown INTEGER NOT NULL,
  PRIMARY KEY (period, width, host, owner, kind)
) STRICT, WITHOUT ROWID;

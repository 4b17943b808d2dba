-- Every event is updated once, when it gets its position. The entries it leaves in event_without_position are walked by each
-- look for waiting events, so they are cleaned away early instead of after a fifth of the log.
alter table events.event set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

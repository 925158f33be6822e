BEGIN TRANSACTION;
CREATE TABLE alerts (
	badge INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	kinds VARCHAR(200) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	received_ms INTEGER NOT NULL, 
	heard_ms INTEGER NOT NULL, 
	updated_ms INTEGER NOT NULL, 
	lowest INTEGER NOT NULL, 
	highest INTEGER NOT NULL, 
	fix VARCHAR(300), 
	charge VARCHAR(32), 
	minutes INTEGER, 
	gateways VARCHAR(4000) NOT NULL, 
	warnings VARCHAR(4000) NOT NULL, 
	covert BOOLEAN NOT NULL, 
	drill BOOLEAN NOT NULL, 
	place VARCHAR(200), 
	presses VARCHAR(4000) NOT NULL, 
	archived BOOLEAN NOT NULL, overdue_ms INTEGER, 
	PRIMARY KEY (badge, event)
);
INSERT INTO "alerts" VALUES(1,2,'["sos"]','acknowledged',1800000000000,1799999999000,1800000000000,10,10,'{"counter":10,"heard_ms":1799999999000,"position":{"latitude":53.5,"longitude":-2.25,"age_s":5,"accuracy_m":8}}','[10,80]',5,'["hub-1"]','[]',0,0,NULL,'[]',0,NULL);
INSERT INTO "alerts" VALUES(1,3,'["check_in"]','delivered',1800000000000,1799999999000,1800000000000,11,11,'{"counter":11,"heard_ms":1799999999000,"position":{"latitude":53.5,"longitude":-2.25,"age_s":5,"accuracy_m":8}}','[11,80]',NULL,'["hub-1"]','[]',0,0,NULL,'[]',0,NULL);
INSERT INTO "alerts" VALUES(2,1,'["test"]','delivered',1800000000000,1799999999000,1800000000000,5,5,NULL,'[5,80]',NULL,'["hub-1"]','[]',0,0,NULL,'[]',1,NULL);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at_ms INTEGER NOT NULL, 
	who VARCHAR(200) NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	alert VARCHAR(32) NOT NULL, 
	outcome VARCHAR(300) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1800000000000,'Ben','acknowledge','1-2','done');
CREATE TABLE badges (
	badge INTEGER NOT NULL, 
	counter INTEGER NOT NULL, 
	heard_ms INTEGER NOT NULL, 
	gateway VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	battery INTEGER, 
	charging BOOLEAN NOT NULL, 
	fault BOOLEAN NOT NULL, 
	PRIMARY KEY (badge)
);
INSERT INTO "badges" VALUES(1,11,1799999999000,'hub-1','check_in','raised',80,0,0);
INSERT INTO "badges" VALUES(2,5,1799999999000,'hub-1','test','raised',80,0,0);
CREATE TABLE climbs (
	badge INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	drill BOOLEAN NOT NULL, 
	began_ms INTEGER NOT NULL, 
	due_ms INTEGER, 
	round INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	called_ms INTEGER, 
	latest VARCHAR(4000) NOT NULL, 
	awaited VARCHAR(4000) NOT NULL, 
	called VARCHAR(4000) NOT NULL, 
	PRIMARY KEY (badge, event)
);
CREATE TABLE clock (
	id INTEGER NOT NULL, 
	ahead_ms INTEGER NOT NULL, 
	seen_ms INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE notices (
	badge INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	gateway VARCHAR(200) NOT NULL, 
	notice VARCHAR(2000) NOT NULL, 
	PRIMARY KEY (badge, event, gateway)
);
CREATE TABLE reports (
	badge INTEGER NOT NULL, 
	counter INTEGER NOT NULL, 
	gateway VARCHAR(32) NOT NULL, 
	event INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	heard_ms INTEGER NOT NULL, 
	rssi INTEGER, 
	PRIMARY KEY (badge, counter, gateway)
);
INSERT INTO "reports" VALUES(1,10,'hub-1',2,'sos','raised',1799999999000,NULL);
INSERT INTO "reports" VALUES(1,11,'hub-1',3,'check_in','raised',1799999999000,NULL);
CREATE TABLE timeline (
	badge INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	source VARCHAR(8) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	at_ms INTEGER NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	PRIMARY KEY (badge, event, source, phase)
);
INSERT INTO "timeline" VALUES(1,2,'reported','raised',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(1,2,'reported','heard',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(1,2,'stages','delivered',1800000000000,'desk');
INSERT INTO "timeline" VALUES(1,2,'stages','acknowledged',1800000000000,'Ben');
INSERT INTO "timeline" VALUES(1,3,'reported','raised',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(1,3,'reported','heard',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(1,3,'stages','delivered',1800000000000,'desk');
INSERT INTO "timeline" VALUES(2,1,'reported','raised',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(2,1,'reported','heard',1799999999000,'hub-1');
INSERT INTO "timeline" VALUES(2,1,'stages','delivered',1800000000000,'desk');
CREATE TABLE visits (
	badge INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	counter INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	heard_ms INTEGER NOT NULL, 
	since_ms INTEGER NOT NULL, 
	due_ms INTEGER NOT NULL, 
	over_ms INTEGER, 
	"by" VARCHAR(200) NOT NULL, 
	told BOOLEAN NOT NULL, 
	PRIMARY KEY (badge)
);
CREATE INDEX ix_alerts_archived ON alerts (archived);
CREATE INDEX ix_alerts_heard_ms ON alerts (heard_ms);
CREATE INDEX ix_audit_at_ms ON audit (at_ms);
PRAGMA user_version = 3;
COMMIT;

-- A gradebook that nbgrader 0.9.6 made through its own API, as sqlite3's .dump writes it.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('e43177bfe90b');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	course_id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(course_id) REFERENCES course (id)
);
INSERT INTO "assignment" VALUES('13399a5b388b46d1a1ef5e404d9b6884','ps1','2026-11-01 00:00:00.000000','default_course');
INSERT INTO "assignment" VALUES('50cf34bf04a949db912ec67c4c263221','resit',NULL,'default_course');
CREATE TABLE base_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32) NOT NULL, 
	type VARCHAR(50), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id, type), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "base_cell" VALUES('6d5368f500b9477e8f552bedf987a4d4','lstm_cell','2c9646ffae5f4d0aa5d7a8f755883b0c','GradeCell');
INSERT INTO "base_cell" VALUES('04da68d703104e5783992e09ad264391','lstm_cell','2c9646ffae5f4d0aa5d7a8f755883b0c','SolutionCell');
INSERT INTO "base_cell" VALUES('020e188fdec040b2ad037001539e5095','essay','2c9646ffae5f4d0aa5d7a8f755883b0c','GradeCell');
INSERT INTO "base_cell" VALUES('dc2800d0af5b4c689a18984f673f45c8','plot','2c9646ffae5f4d0aa5d7a8f755883b0c','TaskCell');
INSERT INTO "base_cell" VALUES('e3d49051d73848feb3a655efe2ffb823','test_all','43fc81ec34194c93b087e5db4da99db0','GradeCell');
INSERT INTO "base_cell" VALUES('33dace970a9142a49e97f664c94785c1','rnn_cell','ce49d83a6ffd4bf3bd75ee338e9bae0f','GradeCell');
INSERT INTO "base_cell" VALUES('8d906fc907f046f99d59d20b37943ddb','lstm_cell','ce49d83a6ffd4bf3bd75ee338e9bae0f','GradeCell');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "comment" VALUES('a5f6ab86300d495ca9029bae6594fef2','21b6c366f5954f81aa5e6b131cce31cd','04da68d703104e5783992e09ad264391',NULL,NULL);
INSERT INTO "comment" VALUES('f9030141e0ff4d1ab0035227308b4b69','21b6c366f5954f81aa5e6b131cce31cd','dc2800d0af5b4c689a18984f673f45c8',NULL,NULL);
INSERT INTO "comment" VALUES('d122fb0305294408a51202e3a8ee931f','39eee5f987414682978f0d33342fd015','04da68d703104e5783992e09ad264391',NULL,NULL);
INSERT INTO "comment" VALUES('d6804e070efe407cafc3974b37daae09','39eee5f987414682978f0d33342fd015','dc2800d0af5b4c689a18984f673f45c8',NULL,NULL);
CREATE TABLE course (
	id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (id)
);
INSERT INTO "course" VALUES('default_course');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "grade" VALUES('484110bd822f40258432af74d8d26959','21b6c366f5954f81aa5e6b131cce31cd','6d5368f500b9477e8f552bedf987a4d4',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('5775f946137846f2bf467f6b20e4d21c','21b6c366f5954f81aa5e6b131cce31cd','020e188fdec040b2ad037001539e5095',NULL,4.5,NULL,0);
INSERT INTO "grade" VALUES('d439c0afe94d4dc5a09278514203f91d','21b6c366f5954f81aa5e6b131cce31cd','dc2800d0af5b4c689a18984f673f45c8',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('070ea33b63a0440d95bb5d393d8dff4a','d148c8b865f94e5ebc1f6e0dad0612a7','e3d49051d73848feb3a655efe2ffb823',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('e2a6ac447f154d638d242dfa5a4b8546','39eee5f987414682978f0d33342fd015','6d5368f500b9477e8f552bedf987a4d4',1.0,9.0,NULL,0);
INSERT INTO "grade" VALUES('f06eecc6df7d40c9ab86b40c53928fba','39eee5f987414682978f0d33342fd015','020e188fdec040b2ad037001539e5095',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('cedeeb74223542d698ec4c59365bfa74','39eee5f987414682978f0d33342fd015','dc2800d0af5b4c689a18984f673f45c8',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('0f5be8733fa344a88918577ac2b47903','86ba1b9283f04b34ba507fd882b6a33d','e3d49051d73848feb3a655efe2ffb823',NULL,NULL,NULL,1);
CREATE TABLE grade_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "grade_cells" VALUES('6d5368f500b9477e8f552bedf987a4d4',10.0,'code');
INSERT INTO "grade_cells" VALUES('020e188fdec040b2ad037001539e5095',5.0,'markdown');
INSERT INTO "grade_cells" VALUES('e3d49051d73848feb3a655efe2ffb823',4.0,'code');
INSERT INTO "grade_cells" VALUES('33dace970a9142a49e97f664c94785c1',3.0,'code');
INSERT INTO "grade_cells" VALUES('8d906fc907f046f99d59d20b37943ddb',3.0,'code');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('2c9646ffae5f4d0aa5d7a8f755883b0c','cells','13399a5b388b46d1a1ef5e404d9b6884',NULL);
INSERT INTO "notebook" VALUES('43fc81ec34194c93b087e5db4da99db0','gru_cell','13399a5b388b46d1a1ef5e404d9b6884',NULL);
INSERT INTO "notebook" VALUES('ce49d83a6ffd4bf3bd75ee338e9bae0f','again','50cf34bf04a949db912ec67c4c263221',NULL);
CREATE TABLE solution_cells (
	id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "solution_cells" VALUES('04da68d703104e5783992e09ad264391');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	lms_user_id VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ada','Ada','Wonder','ada@x.org',NULL);
INSERT INTO "student" VALUES('b17','Bob','Moor','bob@x.org','991');
INSERT INTO "student" VALUES('cy','Cy','O''Hara',NULL,NULL);
INSERT INTO "student" VALUES('nobody',NULL,NULL,NULL,NULL);
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('2a73a3f0f18e47f68b60eb141501ff25','13399a5b388b46d1a1ef5e404d9b6884','ada',NULL,NULL);
INSERT INTO "submitted_assignment" VALUES('3b3809281ba2480a858fd12dcaf568e1','13399a5b388b46d1a1ef5e404d9b6884','cy',NULL,NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "submitted_notebook" VALUES('21b6c366f5954f81aa5e6b131cce31cd','2a73a3f0f18e47f68b60eb141501ff25','2c9646ffae5f4d0aa5d7a8f755883b0c',0,NULL);
INSERT INTO "submitted_notebook" VALUES('d148c8b865f94e5ebc1f6e0dad0612a7','2a73a3f0f18e47f68b60eb141501ff25','43fc81ec34194c93b087e5db4da99db0',0,NULL);
INSERT INTO "submitted_notebook" VALUES('39eee5f987414682978f0d33342fd015','3b3809281ba2480a858fd12dcaf568e1','2c9646ffae5f4d0aa5d7a8f755883b0c',0,NULL);
INSERT INTO "submitted_notebook" VALUES('86ba1b9283f04b34ba507fd882b6a33d','3b3809281ba2480a858fd12dcaf568e1','43fc81ec34194c93b087e5db4da99db0',0,NULL);
CREATE TABLE task_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "task_cells" VALUES('dc2800d0af5b4c689a18984f673f45c8',2.0,'markdown');
COMMIT;

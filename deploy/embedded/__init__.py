"""The embedded stack: Kafka, PostgreSQL and the four services on one machine, without containers.

For whoever has nothing but Python: a demo, a developer's machine, a test session, and a small
municipality that lives on it. `lagesbild up` is this package.

It must
- start Apache Kafka itself (`kafka`, its `jars` pinned by sum) and PostgreSQL itself (`postgres`),
  or use the servers that `LAGESBILD_KAFKA` and `LAGESBILD_POSTGRES` name (`servers`),
- then agree on schema, topics and registry, then start the four services (`service`), and say
  ready only when every part answers (`stack`, `ready`),
- take nobody else's server for its own (`listener`),
- start a part again that has ended, with growing waits, and show its end (`supervisor`, `restart`),
- stop everything within ten seconds, services before servers,
- leave nothing running when it is killed itself (`child`), and cope with what an earlier one
  left half-stopped (`leftover`),
- keep everything in one folder of its own (`folder`), which one stack at a time may use (`lock`);
  ports (`ports`), secrets (`keys`), log and tables in it survive every stop and start,
- listen on loopback only, and run as root and as an ordinary user without changing the rights of
  anything outside its own folder (`unprivileged`),
- let no log that nobody reads hold up the work (`output`).

It should start in 10 s on two cores, the first time included once the jars are there.

Environment: `LAGESBILD_DATA` the folder, `LAGESBILD_CACHE` the jars' folder,
`LAGESBILD_PORT_<NAME>` a port (`ports.USUAL`), `LAGESBILD_POSTGRES_BUFFERS` PostgreSQL's shared
memory (256MB), `LAGESBILD_KAFKA_JAVA` further options of Kafka's Java, `LAGESBILD_LOG_FORMAT` json or
pretty, `LAGESBILD_LANGUAGE` sv or en.

What it does not promise: to live through the loss of its disk, for there is one of each part.
"""

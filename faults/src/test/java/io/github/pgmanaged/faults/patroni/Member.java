package io.github.pgmanaged.faults.patroni;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Ports;
import io.github.pgmanaged.faults.programs.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A Patroni and its PostgreSQL, which outlives it unless it is killed, too. */
final class Member implements AutoCloseable {
    private final Home home;
    private final String name;
    private final int port;
    private Path settings;
    private Daemon patroni;

    private Member(Home home, String name, int port) {
        this.home = home;
        this.name = name;
        this.port = port;
    }

    static Member start(Home home, String name, Etcd etcd) throws Exception {
        Member member = home.closing(new Member(home, name, Ports.free()));
        member.settings = home.write(name + ".yml", member.settings(etcd, Ports.free()));
        member.start();
        return member;
    }

    /** Patroni's shortest times but for {@code ttl}, which it does not let be less than 20 seconds. */
    private List<String> settings(Etcd etcd, int restPort) {
        return """
                scope: pgmanaged
                name: %1$s
                restapi:
                  listen: 127.0.0.1:%2$d
                  connect_address: 127.0.0.1:%2$d
                etcd3:
                  host: %3$s
                bootstrap:
                  dcs:
                    ttl: 20
                    loop_wait: 2
                    retry_timeout: 5
                    synchronous_mode: true
                    postgresql:
                      use_pg_rewind: true
                      parameters:
                        fsync: 'off'
                        wal_log_hints: 'on'
                        max_connections: 50
                  initdb:
                    - encoding: UTF8
                    - locale: C
                postgresql:
                  listen: 127.0.0.1:%4$d
                  connect_address: 127.0.0.1:%4$d
                  data_dir: %5$s
                  bin_dir: %6$s
                  pgpass: %7$s
                  authentication:
                    superuser:
                      username: postgres
                      password: postgres
                    replication:
                      username: replicator
                      password: replicator
                  parameters:
                    unix_socket_directories: ''
                  pg_hba:
                    - host all all 127.0.0.1/32 trust
                    - host replication all 127.0.0.1/32 trust
                """.formatted(
                name,
                restPort,
                etcd.address(),
                port,
                data(),
                Program.POSTGRES.path().getParent(),
                home.path(name + ".pgpass")).lines().toList();
    }

    private Path data() {
        return home.path(name);
    }

    /** Starts Patroni, which starts PostgreSQL. */
    void start() throws Exception {
        patroni = Daemon.start(
                home.path(name + ".log"),
                Map.of("HOME", home.path("").toString()),
                List.of(Program.PATRONI.path().toString(), settings.toString()));
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** Says something to the cluster. */
    String control(String... command) throws Exception {
        List<String> words =
                new ArrayList<>(List.of(Program.PATRONICTL.path().toString(), "--config-file", settings.toString()));
        words.addAll(List.of(command));
        String said = Daemon.run(home.path("patronictl-" + command[0] + ".log"), words);
        if (said.contains("failed, details")) { // it ends well all the same
            throw new IOException(words + " failed:\n" + said);
        }
        return said;
    }

    /** All at once, as when the machine dies. */
    void kill() throws IOException {
        patroni.kill();
        killPostgres();
    }

    /** Patroni is still there, and will notice. */
    void killPostgres() throws IOException {
        Optional<ProcessHandle> postmaster = postmaster();
        if (postmaster.isPresent()) {
            Daemon.kill(postmaster.get());
        }
    }

    /** Sends a signal to all its processes. */
    void signal(String name) throws Exception {
        patroni.signal(name);
        ProcessHandle postmaster = postmaster().orElseThrow();
        for (ProcessHandle process :
                Stream.concat(Stream.of(postmaster), postmaster.children()).toList()) {
            Daemon.signal(name, process.pid());
        }
    }

    private Optional<ProcessHandle> postmaster() throws IOException {
        Path file = data().resolve("postmaster.pid");
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().map(String::trim).map(Long::valueOf).flatMap(ProcessHandle::of);
        }
    }

    String log() throws IOException {
        return patroni.log();
    }

    @Override
    public void close() throws IOException {
        if (patroni != null) {
            kill();
        }
    }
}

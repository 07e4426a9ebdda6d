package io.github.pgmanaged.conninfo.tls;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Directories;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqClient;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks every libpq here and ourselves the same, before the same server. */
final class TlsOracle implements AutoCloseable {
    /** All cells, or every so many: {@code make tls} asks all. */
    private static final int EACH = Integer.getInteger("pgmanaged.tls.each", 29);

    private final List<LibpqClient> clients = LibpqClient.all();
    private final Path home = Files.createTempDirectory("pgmanaged-home");
    /** Before there are threads. */
    private final Runnable environment = LibpqClient.environment(Map.of("HOME", home.toString()));

    private final RealServer postgres = RealServer.start();
    private final TlsTerminator server = TlsTerminator.before(postgres.port());

    TlsOracle() throws IOException {}

    /** What each said: libpqs' verdicts with their words, and ours. */
    record Answer(Cell cell, List<Verdict> libpq, List<String> libpqSaid, Verdict ours, String weSaid) {
        boolean agrees() {
            return libpq.contains(ours);
        }

        @Override
        public String toString() {
            return cell.name() + "\n    libpq " + libpq + ' ' + libpqSaid + "\n    here " + ours + ' ' + weSaid;
        }
    }

    /** The cells of this run. */
    static List<Cell> sample(List<Cell> cells) {
        List<Cell> sample = new ArrayList<>();
        for (int i = 0; i < cells.size(); i += EACH) {
            sample.add(cells.get(i));
        }
        return sample;
    }

    /** Whether this run asks all cells. */
    static boolean asksAll() {
        return EACH == 1;
    }

    Answer ask(Cell cell) throws IOException {
        Path files = home.resolve(".postgresql");
        Files.deleteIfExists(files);
        if (Files.exists(cell.home().resolve(".postgresql"))) {
            Files.createSymbolicLink(files, cell.home().resolve(".postgresql"));
        }
        server.present(cell.scenario().server(), cell.scenario().chain());
        String conninfo =
                cell.conninfo() + " port=" + server.port() + " user=postgres dbname=postgres gssencmode=disable";
        List<Verdict> verdicts = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (LibpqClient client : clients) {
            Optional<String> objection = client.objection(conninfo);
            verdicts.add(verdict(objection));
            words.add(objection.orElse(""));
        }
        Optional<String> objection = ours(conninfo);
        return new Answer(cell, verdicts, words, verdict(objection), objection.orElse(""));
    }

    private Verdict verdict(Optional<String> objection) {
        TlsTerminator.Transport transport = server.newest();
        if (objection.isPresent()) {
            return Verdict.REFUSED;
        }
        return transport == TlsTerminator.Transport.TLS ? Verdict.TLS : Verdict.PLAIN;
    }

    private Optional<String> ours(String conninfo) {
        LibpqDataSource source = new LibpqDataSource(
                ConnInfo.parse(conninfo), () -> Environment.empty().withHome(home));
        try {
            source.getConnection().close();
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        postgres.close();
        environment.run();
        Directories.delete(home);
    }
}

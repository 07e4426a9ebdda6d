package io.github.pgmanaged.benchmarks;

import com.google.gson.Gson;
import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.page.ProfilePage;
import io.github.pgmanaged.benchmarks.profile.Case;
import io.github.pgmanaged.benchmarks.profile.ProfiledLeases;
import io.github.pgmanaged.benchmarks.results.LeaseProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Profiles leases, each case in a JVM of its own, and puts the tables into a page. Arguments: the page, and how many
 * seconds each step of a case takes, of which there are five. Only on Linux.
 */
public final class BenchProfile {
    private BenchProfile() {}

    /**
     * Runs it.
     *
     * @param arguments the page and the seconds
     */
    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT); // the page is the same everywhere
        Path page = Path.of(arguments[0]);
        String loadBefore = Machines.load();
        List<LeaseProfile> profiles = new ArrayList<>();
        try (BenchServer server = BenchServer.find()) {
            for (int number = 0; number < Case.all().size(); number++) {
                System.out.println("profiling " + Case.all().get(number).title());
                profiles.add(profile(number, arguments[1], server));
            }
            String tables = ProfilePage.tables(
                    LocalDate.now(Clock.systemUTC()).toString(),
                    Machines.describe(server.ask("SHOW server_version"), loadBefore, Machines.load()),
                    profiles);
            System.out.println(tables);
            ProfilePage.replace(page, tables);
        }
    }

    private static LeaseProfile profile(int number, String seconds, BenchServer server)
            throws IOException, InterruptedException {
        Path result = Files.createTempFile("profile", ".json");
        try {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    // So that samples between two safepoints have their stacks.
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:+DebugNonSafepoints"));
            command.addAll(Machines.arguments());
            if (Runtime.version().feature() >= 22) {
                command.add("--enable-native-access=ALL-UNNAMED");
            }
            command.addAll(List.of(server.arguments()));
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    ProfiledLeases.class.getName(),
                    Integer.toString(number),
                    seconds,
                    result.toString()));
            int status = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IllegalStateException("the profiled JVM ended with " + status);
            }
            return new Gson().fromJson(Files.readString(result), LeaseProfile.class);
        } finally {
            Files.delete(result);
        }
    }
}

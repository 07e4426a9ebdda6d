package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which frame of a stack a message names: the application's own line, if there is one. */
class HolderTextTest {
    private static final String OURS = "io.github.pgmanaged.internal.lease.LeaseDataSource.getConnection";

    private static List<StackTraceElement> stack(String... calls) {
        return Stream.of(calls).map(HolderTextTest::frame).toList();
    }

    private static StackTraceElement frame(String call) {
        int dot = call.lastIndexOf('.');
        String module = call.startsWith("java.") ? "java.base" : null;
        boolean generated = call.contains("CGLIB");
        return new StackTraceElement(
                null,
                module,
                null,
                call.substring(0, dot),
                call.substring(dot + 1),
                generated ? "<generated>" : "File.java",
                generated ? -1 : 7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.jdbc.datasource.DelegatingDataSource.getConnection",
                "org.springframework.jdbc.datasource.DataSourceUtils.fetchConnection",
                "com.zaxxer.hikari.pool.PoolBase.newConnection",
                "net.ttddyy.dsproxy.support.ProxyDataSource.getConnection",
                "com.p6spy.engine.spy.P6DataSource.getConnection",
                "org.hibernate.engine.jdbc.connections.internal.DatasourceConnectionProviderImpl.getConnection",
                "org.jooq.impl.DataSourceConnectionProvider.acquire",
                "org.jdbi.v3.core.Jdbi.open",
                "org.mybatis.spring.transaction.SpringManagedTransaction.openConnection",
                "org.apache.ibatis.executor.BaseExecutor.getConnection",
                "org.flywaydb.core.internal.jdbc.JdbcUtils.openConnection",
                "liquibase.database.jvm.JdbcConnection.open",
                "io.opentelemetry.instrumentation.jdbc.datasource.OpenTelemetryDataSource.getConnection",
                "java.lang.reflect.Method.invoke",
                "com.sun.proxy.$Proxy12.getConnection",
                "my.shop.Orders$$SpringCGLIB$$0.place",
            })
    void known_infrastructure_and_proxies_are_passed_over(String between) {
        assertThat(HolderText.place(stack(OURS, between, "my.shop.Till.sell", "my.shop.Main.main")))
                .startsWith("my.shop.Till.sell(File.java:7)");
    }

    @Test
    void without_a_line_of_the_applications_its_proxy_is_named_and_without_one_whoever_called_us() {
        assertThat(HolderText.place(stack(
                        OURS,
                        "org.springframework.jdbc.datasource.DelegatingDataSource.getConnection",
                        "my.shop.Orders$$SpringCGLIB$$0.place",
                        "org.springframework.scheduling.support.DelegatingErrorHandlingRunnable.run",
                        "java.lang.Thread.run")))
                .startsWith("my.shop.Orders$$SpringCGLIB$$0.place(");
        assertThat(HolderText.place(stack(
                        OURS,
                        "org.springframework.jdbc.datasource.DelegatingDataSource.getConnection",
                        "org.springframework.scheduling.support.DelegatingErrorHandlingRunnable.run",
                        "java.lang.Thread.run")))
                .startsWith("org.springframework.jdbc.datasource.DelegatingDataSource.getConnection(");
        assertThat(HolderText.place(stack("java.lang.Object.wait", "java.lang.Thread.run")))
                .startsWith("java.lang.Object.wait(");
        assertThat(HolderText.place(List.of())).isEmpty();
    }

    @Test
    void what_the_application_calls_of_the_jdks_is_named_too() {
        assertThat(HolderText.place(stack("java.lang.Thread.sleep", "my.shop.Till.sell")))
                .isEqualTo("my.shop.Till.sell(File.java:7) in java.lang.Thread.sleep");
    }

    @Test
    void a_program_whose_name_only_begins_like_a_known_one_is_the_applications() {
        assertThat(HolderText.place(stack(OURS, "org.hibernates.Den.sleep", "my.shop.Main.main")))
                .startsWith("org.hibernates.Den.sleep(");
    }
}

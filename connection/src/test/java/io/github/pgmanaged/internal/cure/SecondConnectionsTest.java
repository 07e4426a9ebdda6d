package io.github.pgmanaged.internal.cure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which row of the table a stack leads to. That the programs have such stacks, their own tests in integrations/ show.
 */
class SecondConnectionsTest {
    private static final StackTraceElement[] UNKNOWN = stack("java.lang.Thread.run");

    private static StackTraceElement[] stack(String... calls) {
        return Stream.of(calls)
                .map(call -> new StackTraceElement(
                        call.substring(0, call.lastIndexOf('.')), call.substring(call.lastIndexOf('.') + 1), null, 1))
                .toArray(StackTraceElement[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "org.flywaydb.core.Flyway.migrate, flyway.postgresql.transactional.lock=false",
        "org.hibernate.id.enhanced.TableStructure.execute, GenerationType.SEQUENCE",
        "net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateStorageAccessor.insertRecord, @SchedulerLock",
        "org.quartz.impl.jdbcjobstore.JobStoreSupport.storeJob, Quartz",
        "org.jdbi.v3.core.Jdbi.open, withHandle",
        "org.jooq.impl.DataSourceConnectionProvider.acquire, configuration",
        "org.apache.ibatis.session.defaults.DefaultSqlSession.selectOne, SqlSession",
        "org.springframework.batch.core.step.AbstractStep.execute, useSharedExtendedConnection=true",
        "org.springframework.batch.item.database.AbstractCursorItemReader.doOpen, JdbcPagingItemReader",
        "org.springframework.transaction.support.AbstractPlatformTransactionManager.handleExistingTransaction, REQUIRES_NEW",
        "org.springframework.jdbc.datasource.DataSourceUtils.doGetConnection, NOT_SUPPORTED",
    })
    void a_well_known_caller_leads_to_its_cure(String call, String words) {
        assertThat(SecondConnections.advice(stack("my.Own.code", call, "java.lang.Thread.run"), UNKNOWN))
                .contains(words)
                .endsWith(".");
    }

    @Test
    void what_says_more_comes_before_what_many_stacks_have_in_common() {
        StackTraceElement[] inAJob = stack(
                "org.springframework.jdbc.datasource.DataSourceUtils.getConnection",
                "org.springframework.transaction.support.AbstractPlatformTransactionManager.handleExistingTransaction",
                "org.springframework.batch.core.step.AbstractStep.execute");
        assertThat(SecondConnections.advice(inAJob, UNKNOWN)).contains("REQUIRES_NEW");
        assertThat(SecondConnections.advice(
                        inAJob, stack("org.springframework.batch.item.database.AbstractCursorItemReader.doOpen")))
                .contains("ExtendedConnectionDataSourceProxy");
    }

    @Test
    void of_a_program_that_nobody_knows_nothing_is_said() {
        assertThat(SecondConnections.advice(stack("org.quartzite.Any.call", "org.jooq.Other.call"), UNKNOWN))
                .isNull();
        assertThat(SecondConnections.advice(UNKNOWN, stack("org.flywaydb.core.Flyway.migrate")))
                .isNull();
    }
}

package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A {@link LibpqDataSource} for whoever knows a {@link DataSource} only. */
class DataSourceTest {
    private final DataSource source = Sources.of("host=localhost user=alice password=secret");

    @Test
    void it_can_be_unwrapped_as_what_it_is() throws SQLException {
        assertThat(source.isWrapperFor(LibpqDataSource.class)).isTrue();
        assertThat(source.isWrapperFor(DataSource.class)).isTrue();
        assertThat(source.isWrapperFor(String.class)).isFalse();
        assertThat(source.unwrap(LibpqDataSource.class)).isSameAs(source);
        assertThat(source.unwrap(DataSource.class)).isSameAs(source);
        assertThatThrownBy(() -> source.unwrap(String.class))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("java.lang.String");
    }

    @Test
    void its_login_timeout_is_unlimited_until_it_is_set() throws SQLException {
        assertThat(source.getLoginTimeout()).isZero();
        source.setLoginTimeout(7);
        assertThat(source.getLoginTimeout()).isEqualTo(7);
        source.setLoginTimeout(-1);
        assertThat(source.getLoginTimeout()).isZero();
    }

    @Test
    void it_has_no_logger_of_its_own() {
        assertThatThrownBy(source::getParentLogger).isInstanceOf(SQLFeatureNotSupportedException.class);
    }

    @Test
    void it_shows_no_secret() {
        assertThat(source).hasToString("LibpqDataSource[user=alice password=*** host=localhost]");
    }
}

package io.github.pgmanaged.peers.pools;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ConnectionValidator;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.MultipleAcquisitionAction;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.agroal.pool.DataSource;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import java.sql.SQLException;
import java.time.Duration;

/** Agroal. */
public record Agroal(Setup setup) implements Peer {
    @Override
    public String name() {
        return "Agroal";
    }

    @Override
    public String version() {
        return Versions.of(DataSource.class);
    }

    @Override
    public String configuration() {
        return "maxSize=1, acquisitionTimeout=" + setup.timeout()
                + (setup == Setup.FAST ? ", autoCommit=false" : "")
                + (setup == Setup.BEST
                        ? ", exceptionSorter=PostgreSQLExceptionSorter, validateOnBorrow=true,"
                                + " connectionValidator=defaultValidatorWithTimeout(1), multipleAcquisition=STRICT,"
                                + " leakTimeout=2s, enhancedLeakReport=true"
                        : "");
    }

    @Override
    public Pool open(Target target) throws SQLException {
        AgroalDataSourceConfigurationSupplier config = new AgroalDataSourceConfigurationSupplier();
        config.connectionPoolConfiguration(pool -> {
            pool.maxSize(1)
                    .acquisitionTimeout(setup.acquireTimeout())
                    .connectionFactoryConfiguration(factory -> factory.autoCommit(setup != Setup.FAST)
                            .jdbcUrl(target.url())
                            .principal(new NamePrincipal(target.user()))
                            .credential(new SimplePassword(target.password())));
            if (setup == Setup.BEST) {
                pool.exceptionSorter(new PostgreSQLExceptionSorter())
                        .validateOnBorrow(true)
                        .connectionValidator(ConnectionValidator.defaultValidatorWithTimeout(1))
                        .multipleAcquisition(MultipleAcquisitionAction.STRICT)
                        .leakTimeout(Duration.ofSeconds(2))
                        .enhancedLeakReport(true);
            }
            return pool;
        });
        AgroalDataSource source = AgroalDataSource.from(config);
        return new Pool(source, source::getConnection, source);
    }
}

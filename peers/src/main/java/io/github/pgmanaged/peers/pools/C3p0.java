package io.github.pgmanaged.peers.pools;

import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.mchange.v2.c3p0.subst.C3P0Substitutions;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;

/** c3p0. */
public record C3p0(Setup setup) implements Peer {
    @Override
    public String name() {
        return "c3p0";
    }

    @Override
    public String version() {
        return C3P0Substitutions.VERSION; // its jar says nothing
    }

    @Override
    public String configuration() {
        return "initialPoolSize=1, minPoolSize=1, maxPoolSize=1, checkoutTimeout=" + setup.timeout()
                + (setup == Setup.FAST ? ", forceSynchronousCheckins=true" : "")
                + (setup == Setup.BEST
                        ? ", testConnectionOnCheckout=true, connectionIsValidTimeout=1s,"
                                + " unreturnedConnectionTimeout=6s, debugUnreturnedConnectionStackTraces=true,"
                                + " forceSynchronousCheckins=true"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        ComboPooledDataSource source = new ComboPooledDataSource();
        source.setJdbcUrl(target.url());
        source.setUser(target.user());
        source.setPassword(target.password());
        source.setInitialPoolSize(1);
        source.setMinPoolSize(1);
        source.setMaxPoolSize(1);
        source.setCheckoutTimeout((int) setup.acquireTimeout().toMillis());
        if (setup == Setup.BEST) {
            source.setTestConnectionOnCheckout(true);
            source.setConnectionIsValidTimeout(1);
            source.setUnreturnedConnectionTimeout(6);
            source.setDebugUnreturnedConnectionStackTraces(true);
            source.setForceSynchronousCheckins(true);
        }
        if (setup == Setup.FAST) {
            source.setForceSynchronousCheckins(true); // or another thread gives the connection back
        }
        return new Pool(source, source::getConnection, source);
    }
}

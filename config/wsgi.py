import gc
import os
import signal

from django.core.wsgi import get_wsgi_application

from config.embedded.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if "CONCORD_WEB_CHILD" in os.environ:
    # granian's workers outlive a killed granian, and keep its port
    die_with_parent(signal.SIGTERM, os.getppid())

application = get_wsgi_application()
# What is loaded by now stays; going through it again and again made some answers late.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

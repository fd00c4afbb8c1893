process.stdout.write('nothing to measure yet\n');
